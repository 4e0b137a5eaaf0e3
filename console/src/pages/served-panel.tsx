import { type ReactNode, useState } from 'react'
import type { ServedAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatDigest } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { changeQuery, registeredLink } from '../route.ts'
import { fromWall, toWall } from '../time/zone.ts'

interface ServedPanelProps {
  readonly model: string
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** What served at a time, who let it, and who approved it; the time is in the address. */
export function ServedPanel({ model, zone, query, poll }: ServedPanelProps): ReactNode {
  const asked = query.get('served') ?? undefined
  const at = asked === undefined ? undefined : Date.parse(asked) * 1000
  const path = `api/v1/models/${encodeURIComponent(model)}/served`
  const isTime = at === undefined || Number.isFinite(at)
  const { data, error } = useReading<ServedAnswer>(path, { at }, at === undefined && poll, isTime)
  return (
    <Panel
      title="What served"
      note={at === undefined ? 'now' : isTime ? `at ${formatTime(at, zone)} ${zone}` : undefined}
      aside={<TimeChoice key={`${asked} ${zone}`} at={isTime ? at : undefined} zone={zone} />}
    >
      <div className="body">
        {!isTime && `'${asked}' is no time: it is written as 2001-02-01T12:00:00Z.`}
        {error !== null && <Problem error={error} />}
        {isTime && data === undefined && error === null && 'Reading what served …'}
        {isTime && data !== undefined && <Served answer={data} zone={zone} query={query} />}
      </div>
      <div className="foot">
        The same on the command line:
        <Command line={commands.served(model, isTime ? asked : undefined)} />
      </div>
    </Panel>
  )
}

function Served(props: { answer: ServedAnswer; zone: string; query: URLSearchParams }): ReactNode {
  const { answer, zone, query } = props
  const { model, at, served } = answer
  if (served === null)
    return (
      <>
        Nothing of {breakable(model)} served at {formatTime(at, zone)}.
      </>
    )
  const { version, digest, from, until, change, by, reason, author, loggedBy, approvals } = served
  return (
    <dl className="said">
      <div>
        <dt>Served</dt>
        <dd>
          <a className="name" href={registeredLink(query, model, version)}>
            v{version}
          </a>{' '}
          <code>{formatDigest(digest)}</code>, from {formatTime(from, zone)}{' '}
          {until === null ? 'and still does' : `until ${formatTime(until, zone)}`}
        </dd>
      </div>
      <div>
        <dt>{change === 'promote' ? 'Promoted by' : 'Brought back by'}</dt>
        <dd>
          {breakable(by)}
          {reason !== null && <span className="under">{breakable(reason)}</span>}
        </dd>
      </div>
      <div>
        <dt>Made by</dt>
        <dd>
          {breakable(author)}
          {loggedBy !== undefined && <span className="under">as an import of what {loggedBy} logged</span>}
        </dd>
      </div>
      {approvals.map((approval) => (
        <Approval key={`${approval.by} ${approval.at}`} approval={approval} zone={zone} />
      ))}
    </dl>
  )
}

function Approval(props: {
  approval: NonNullable<ServedAnswer['served']>['approvals'][number]
  zone: string
}): ReactNode {
  const { by, at, reason } = props.approval
  return (
    <div>
      <dt>Approved by</dt>
      <dd>
        {breakable(by)} <span className="quiet">{formatTime(at, props.zone)}</span>
        {reason !== null && <span className="under">{breakable(reason)}</span>}
      </dd>
    </div>
  )
}

function TimeChoice({ at, zone }: { at: number | undefined; zone: string }): ReactNode {
  const [text, setText] = useState(at === undefined ? '' : new Date(toWall(at, zone) / 1000).toISOString().slice(0, 16))
  return (
    <form
      className="search"
      onSubmit={(event) => {
        event.preventDefault()
        const wall = Date.parse(`${text}Z`) * 1000
        if (Number.isFinite(wall)) changeQuery({ served: isoOf(fromWall(wall, zone)) }, 'push')
      }}
    >
      <label>
        At{' '}
        <input
          type="datetime-local"
          className="time"
          value={text}
          required
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit">Show</button>
      {at !== undefined && (
        <button type="button" onClick={() => changeQuery({ served: undefined }, 'push')}>
          Now
        </button>
      )}
    </form>
  )
}

function isoOf(time: number): string {
  return new Date(time / 1000).toISOString().replace('.000Z', 'Z')
}
