import { type ReactNode, useState } from 'react'
import type { CapacityAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatCount, formatPercent } from '../format/number.ts'
import { changeQuery } from '../route.ts'

const USUAL_TARGET = 1000

/** How many replicas a load takes, by the load tests of what serves; the load is in the address. */
export function CapacityPanel({ model, query }: { model: string; query: URLSearchParams }): ReactNode {
  const asked = Number(query.get('target') ?? USUAL_TARGET)
  const target = Number.isFinite(asked) && asked > 0 ? asked : USUAL_TARGET
  const path = `api/v1/models/${encodeURIComponent(model)}/capacity`
  const { data, error } = useReading<CapacityAnswer>(path, { target }, false)
  return (
    <Panel
      title="Capacity"
      note="by the load tests of the version that serves"
      aside={<Target key={target} target={target} />}
    >
      <div className="body">
        {error !== null && <Problem error={error} />}
        {data === undefined && error === null && 'Computing the replicas …'}
        {data !== undefined && <Figures answer={data} />}
      </div>
      <div className="foot">
        The same on the command line:
        <Command line={commands.capacity(model, target)} />
      </div>
    </Panel>
  )
}

function Figures({ answer }: { answer: CapacityAnswer }): ReactNode {
  const { target, headroom, replicas, low, sustained, broken, resources, evidence, assumes } = answer
  return (
    <>
      <dl className="said">
        <Figure name="Replicas">
          {formatCount(replicas)} for {formatCount(target)} requests a second
          {low !== undefined && low < replicas && `; fewer than ${formatCount(low)} are surely not enough`}
        </Figure>
        <Figure name="Left free in each">{formatPercent(headroom)}</Figure>
        <Figure name="One sustains">{formatCount(sustained)} requests a second</Figure>
        <Figure name="One breaks at">
          {broken === undefined ? 'a load that was not reached' : `${formatCount(broken)} requests a second`}
        </Figure>
        {resources !== undefined && (
          <Figure name="A container asks for">
            {resources.requests.cpu} of processor, {resources.requests.memory} of memory
          </Figure>
        )}
        <Figure name="By load test">{evidence.number}</Figure>
      </dl>
      <ul className="quiet">
        {assumes.map((assumption) => (
          <li key={assumption}>{assumption}</li>
        ))}
      </ul>
    </>
  )
}

function Figure({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Target({ target }: { target: number }): ReactNode {
  const [text, setText] = useState(String(target))
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        changeQuery({ target: text.trim() || undefined }, 'push')
      }}
    >
      <label>
        Requests a second{' '}
        <input
          type="number"
          className="amount"
          min={1}
          step="any"
          required
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit">Show</button>
    </form>
  )
}
