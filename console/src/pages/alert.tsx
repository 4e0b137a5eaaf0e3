import { type ReactNode, useEffect } from 'react'
import type { Alert, AlertDetail, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { alertDuration, alertTone, subjectLink } from '../components/alert-columns.tsx'
import { breakable } from '../components/breakable.tsx'
import { Empty } from '../components/empty.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatTime } from '../format/time.ts'
import { auditLink, deadLettersLink, modelLinkAt, predictionsLinkAt } from '../route.ts'
import { writeTime } from '../time/range.ts'
import { DAY, SECOND } from '../time/zone.ts'
import { ActTable } from './act-table.tsx'
import { AlertEvidence } from './alert-evidence.tsx'

/** How long before it began something may have caused it, microseconds. */
const BEFORE = 2 * DAY
/** Milliseconds until what is over is read again. */
const OF_THE_PAST = 60_000

interface AlertDetailPageProps {
  readonly alert: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** One alert: what was wrong, since when, who looks after it, and what to do. */
export function AlertDetailPage({ alert: id, fleet, zone, query }: AlertDetailPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<AlertDetail>(`api/v1/alerts/${encodeURIComponent(id)}`, {}, poll)
  useEffect(() => {
    document.title = `${id} · Trueline`
  }, [id])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? `Reading ${id} …` : `${id} cannot be shown.`} />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening sentence={data.title} facts={factsOf(data, zone, query)} />
      <AlertEvidence alert={data} query={query} />
      <Panel
        title="What to do"
        note={data.resolvedAt === undefined ? 'it is open' : 'it is over; it resolved by itself'}
      >
        <div className="body">
          <ActionList actions={actionsOf(data)} />
        </div>
      </Panel>
      <ChangesBefore alert={data} zone={zone} query={query} />
      <Panel title="Audit log" note="who did what about it, newest first">
        <ActTable
          caption={`Acts on ${id}, newest first`}
          filter={{ target: id }}
          empty={
            <Empty>
              {data.resolvedAt === undefined
                ? 'Nobody has said yet that they look after it.'
                : 'Nobody said that they looked after it.'}
            </Empty>
          }
          line={commands.acts({ target: id })}
          zone={zone}
          poll={poll}
        />
      </Panel>
    </>
  )
}

/** What was done, to anything, in the days before it began: most often the cause is among it. */
function ChangesBefore({
  alert,
  zone,
  query,
}: {
  alert: AlertDetail
  zone: string
  query: URLSearchParams
}): ReactNode {
  const to = alert.openedAt + SECOND
  const from = Math.min(alert.since ?? to, to) - BEFORE
  return (
    <Panel
      title="What changed before"
      note={`what was done to anything from ${formatTime(from, zone)} until it was opened, newest first`}
      aside={<a href={auditLink(query)}>All acts</a>}
    >
      <ActTable
        caption="Acts before the alert was opened, newest first"
        filter={{ from, to }}
        query={query}
        empty={<Empty>Nothing was done here in that time: look at what the streams brought.</Empty>}
        line={commands.acts({ from: writeTime(from), to: writeTime(to) })}
        zone={zone}
        poll={OF_THE_PAST}
      />
    </Panel>
  )
}

/** The rows that it is about: a model's predictions of that time, or what a stream refused. */
function rowsLink({ model, since, openedAt, lastSeenAt, resolvedAt }: AlertDetail, query: URLSearchParams): ReactNode {
  const [, stream] = /^stream\/(.+)$/.exec(model) ?? []
  if (stream !== undefined)
    return (
      <a key="rows" href={deadLettersLink(query, stream)}>
        the dead letters of {stream}
      </a>
    )
  return (
    <a key="rows" href={predictionsLinkAt(model, query, since ?? openedAt - DAY, resolvedAt ?? lastSeenAt + 1)}>
      the predictions of that time
    </a>
  )
}

function factsOf(alert: AlertDetail, zone: string, query: URLSearchParams): readonly (readonly [string, ReactNode])[] {
  const { model, kind, feature, severity, version, since, openedAt, lastSeenAt, resolvedAt, acknowledgedBy } = alert
  const link = subjectLink(model, query)
  return [
    [
      'State',
      <Status key="state" tone={alertTone(alert)}>
        {resolvedAt === undefined ? 'open' : 'resolved'}
      </Status>,
    ],
    ['Severity', severity],
    [
      'About',
      link === undefined ? (
        breakable(model)
      ) : (
        <a key="about" href={link}>
          {breakable(model)}
        </a>
      ),
    ],
    ['Kind', `${kind.replaceAll('_', ' ')}${feature === undefined ? '' : ` of ${feature}`}`],
    ...(version === undefined ? [] : ([['Version', `v${version}`]] as const)),
    ...(since === undefined ? [] : ([['Began', formatTime(since, zone)]] as const)),
    ['Opened', `${formatTime(openedAt, zone)}, ${alertDuration(alert)}`],
    ...(resolvedAt === undefined ? [] : ([['Resolved', formatTime(resolvedAt, zone)]] as const)),
    ['Looked after by', acknowledgedBy === undefined ? 'nobody' : breakable(acknowledgedBy)],
    ...(/^(?!stream\/)[^/]*\//.test(model) ? [] : ([['Rows', rowsLink(alert, query)]] as const)),
    // Models have strips; what else an alert may be about has none.
    ...(model.includes('/')
      ? []
      : ([
          [
            'Over time',
            <a key="strips" href={modelLinkAt(model, query, openedAt - DAY, (resolvedAt ?? lastSeenAt) + DAY)}>
              the strips of that time
            </a>,
          ],
        ] as const)),
  ]
}

function actionsOf({ id, kind, resolvedAt, acknowledgedBy }: Alert): readonly Action[] {
  const runbook = {
    name: 'Read the runbook',
    effect: 'What it means, where to look, what to do, and when it is over.',
    line: commands.runbook(kind),
  }
  if (resolvedAt !== undefined || acknowledgedBy !== undefined) return [runbook]
  return [
    {
      name: 'Look after it',
      effect: 'Says to all others that you do. The alert stays open until what it is about is good again.',
      line: commands.acknowledge(id),
    },
    runbook,
  ]
}
