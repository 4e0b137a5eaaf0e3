import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from 'react'
import type { LineageAnswer, LineageThing } from '../../../src/platform/api/contract.ts'
import { useLineage } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatCut, formatFact } from '../format/fact.ts'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { collapseLineage } from '../lineage/collapse.ts'
import { kindName } from '../lineage/kind-names.ts'
import { shortName } from '../lineage/short-name.ts'
import { changeQuery, lineageLink } from '../route.ts'
import { ExplanationPanel } from './explanation-panel.tsx'

// The picture needs more code than all other pages: it comes when it is looked at.
const LineageGraph = lazy(async () => ({ default: (await import('../lineage/lineage-graph.tsx')).LineageGraph }))

const LIMIT = 20

const choose = (next: string): void => changeQuery({ of: next === '' ? undefined : next }, 'push')

/** What something was made from, and what was made from it. */
export function LineagePage({ query, zone }: { query: URLSearchParams; zone: string }): ReactNode {
  const of = query.get('of') ?? ''
  const { data, error } = useLineage(of)
  useEffect(() => {
    document.title = `${of === '' ? 'Lineage' : `Lineage of ${of}`} · Trueline`
  }, [of])
  return (
    <>
      <Opening sentence={sentenceOf(of, data, error !== null)} />
      {error !== null && <Problem error={error} />}
      <Panel
        title="Picture"
        note="from what was used to what was made of it"
        aside={<Ask key={of} of={of} onAsk={choose} />}
      >
        {data === undefined ? (
          <div className="body">
            <Empty line={commands.lineage('late_flight/3')}>
              Here would be what something was made from and what was made from it. Name a prediction, a version such as{' '}
              <code>late_flight/3</code>, a run, a dataset, a file, a stream or a source.
            </Empty>
          </div>
        ) : (
          <Picture data={data} onChoose={choose} />
        )}
      </Panel>
      {predictionIn(data) !== undefined && <ExplanationPanel prediction={predictionIn(data)!} />}
      {data !== undefined && <Things key={data.of} data={data} query={query} zone={zone} />}
    </>
  )
}

/** The prediction that was asked about, if one was. */
function predictionIn(data: LineageAnswer | undefined): string | undefined {
  const kind = 'prediction:'
  return data?.of.startsWith(kind) === true ? data.of.slice(kind.length) : undefined
}

function Picture({ data, onChoose }: { data: LineageAnswer; onChoose: (id: string) => void }): ReactNode {
  const picture = useMemo(() => collapseLineage(data), [data])
  return (
    <>
      <Suspense fallback={<div className="lineage">Drawing …</div>}>
        <LineageGraph of={data.of} picture={picture} onChoose={onChoose} />
      </Suspense>
      <div className="foot">
        The same on the command line:
        <Command line={commands.lineage(data.of)} />
      </div>
    </>
  )
}

function sentenceOf(of: string, data: LineageAnswer | undefined, isWrong: boolean): string {
  if (of === '') return 'What was it made from, and whom does it concern?'
  if (data === undefined) return isWrong ? `The lineage of ${of} cannot be read.` : `Reading the lineage of ${of} …`
  const kept = formatCount(data.impact.reduce((sum, { predictions }) => sum + predictions, 0))
  const versions = data.impact.map(({ model, version }) => `${model} v${version}`)
  const others = versions.length > 3 ? ` and ${versions.length - 3} others` : ''
  const impact = data.of.startsWith('version:')
    ? ` Predictions of it that are kept: ${kept}.`
    : versions.length === 0
      ? ''
      : ` It went into ${versions.slice(0, 3).join(', ')}${others}; predictions of them that are kept: ${kept}.`
  const cut = data.cut ? ' There is more than is shown here.' : ''
  return `${of} hangs together with ${formatCount(data.nodes.length - 1)} other things.${impact}${cut}`
}

function Ask({ of, onAsk }: { of: string; onAsk: (of: string) => void }): ReactNode {
  const [text, setText] = useState(of)
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        onAsk(text.trim())
      }}
    >
      <label>
        Of{' '}
        <input
          type="search"
          value={text}
          placeholder="late_flight/3"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit">Show</button>
    </form>
  )
}

interface ThingsProps {
  readonly data: LineageAnswer
  readonly query: URLSearchParams
  readonly zone: string
}

function Things({ data, query, zone }: ThingsProps): ReactNode {
  const [offset, setOffset] = useState(0)
  const columns = useMemo(() => columnsFor(query, zone), [query, zone])
  const rows = useMemo(() => data.nodes.slice(offset, offset + LIMIT), [data, offset])
  return (
    <Panel title="Things" note="nearest first">
      <DataTable
        caption={`What hangs together with ${data.of}`}
        columns={columns}
        rows={rows}
        idOf={(row) => row.id}
        page={{ offset, limit: LIMIT, total: data.nodes.length, onOffset: setOffset }}
        empty="Nothing."
      />
    </Panel>
  )
}

function columnsFor(query: URLSearchParams, zone: string): readonly Column<LineageThing>[] {
  return [
    {
      id: 'kind',
      header: 'Kind',
      meta: { look: 'nowrap' },
      cell: ({ row }) => kindName(row.original),
    },
    {
      id: 'name',
      header: 'Name',
      meta: { look: 'wide' },
      cell: ({ row }) => (
        <a href={lineageLink(row.original.id, query)} title={row.original.name}>
          {breakable(shortName(row.original.name))}
        </a>
      ),
    },
    {
      id: 'at',
      header: 'Since',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.at === undefined ? <span className="quiet">not known</span> : formatTime(original.at, zone),
    },
    {
      id: 'facts',
      header: 'On record',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => {
        const facts = factsOf(original, zone)
        return facts === '' ? <span className="quiet">nothing more</span> : breakable(facts)
      },
    },
  ]
}

/** What is known of a thing, short; its digest is in its name. */
function factsOf({ facts, name: own }: LineageThing, zone: string): string {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== '' && !own.includes(String(value)))
    .map(([name, value]) => `${name} ${factOf(name, value, zone)}`)
    .join(', ')
}

const times: readonly string[] = ['from', 'to', 'cut', 'asOf', 't']

function factOf(name: string, value: unknown, zone: string): string {
  if (typeof value === 'number' && times.includes(name)) return formatTime(value, zone)
  if (name === 'cut' && Array.isArray(value)) return formatCut(value)
  if (name === 'offsets' && Array.isArray(value)) return value.map(formatFact).join(' to ')
  return formatFact(value)
}
