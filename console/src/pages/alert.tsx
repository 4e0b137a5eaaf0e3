import { type ReactNode, useEffect } from 'react'
import type { Alert, Fleet } from '../../../src/platform/api/contract.ts'
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
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { modelLinkAt } from '../route.ts'
import { DAY } from '../time/zone.ts'
import { ActTable } from './act-table.tsx'

interface AlertDetailPageProps {
  readonly alert: string
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** One alert: what was wrong, since when, who looks after it, and what to do. */
export function AlertDetailPage({ alert: id, fleet, zone, query }: AlertDetailPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<Alert>(`api/v1/alerts/${encodeURIComponent(id)}`, {}, poll)
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
      <Panel
        title="What to do"
        note={data.resolvedAt === undefined ? 'it is open' : 'it is over; it resolved by itself'}
      >
        <div className="body">
          <ActionList actions={actionsOf(data)} />
        </div>
      </Panel>
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

function factsOf(alert: Alert, zone: string, query: URLSearchParams): readonly (readonly [string, ReactNode])[] {
  const { model, kind, feature, severity, n, openedAt, lastSeenAt, resolvedAt, acknowledgedBy } = alert
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
    ['Judged on', `${formatCount(n)} rows`],
    ['Opened', `${formatTime(openedAt, zone)}, ${alertDuration(alert)}`],
    ...(resolvedAt === undefined ? [] : ([['Resolved', formatTime(resolvedAt, zone)]] as const)),
    ['Looked after by', acknowledgedBy === undefined ? 'nobody' : breakable(acknowledgedBy)],
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
