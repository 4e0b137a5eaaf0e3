import { type ReactNode, useEffect, useMemo } from 'react'
import type { AlertPage, Fleet } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { alertColumns } from '../components/alert-columns.tsx'
import { Command } from '../components/command.tsx'
import { Empty } from '../components/empty.tsx'
import { askedOf, FilterForm } from '../components/filter-form.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatCount } from '../format/number.ts'
import { changeQuery } from '../route.ts'
import { readTime } from '../time/range.ts'

const LIMIT = 20
const states = ['open', 'resolved', 'all'] as const

interface AlertsPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** Every alert there was: what was wrong, for how long, and who looked after it. */
export function AlertsPage({ fleet, zone, query }: AlertsPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const state = states.find((one) => one === query.get('state')) ?? 'all'
  const about = query.get('about') ?? undefined
  const filter = {
    state: state === 'all' ? undefined : state,
    model: about,
    from: readTime(query.get('from')),
    to: readTime(query.get('to')),
  }
  const trail = useTrail('alerts', JSON.stringify(filter))
  const asked = { ...filter, limit: LIMIT, cursor: trail.cursor }
  const { data, error } = useReading<AlertPage>('api/v1/alerts', asked, trail.cursor === undefined && poll)
  const open = useReading<AlertPage>('api/v1/alerts', { state: 'open', limit: 1 }, poll).data?.total
  const resolved = useReading<AlertPage>('api/v1/alerts', { state: 'resolved', limit: 1 }, poll).data?.total
  const columns = useMemo(() => alertColumns({ zone, query, withModel: true }), [zone, query])
  useEffect(() => {
    document.title = 'Alerts · Trueline'
  }, [])
  const fields = [
    { name: 'about', label: 'About', options: subjectsOf(fleet) },
    { name: 'from', label: 'Opened from', kind: 'time' },
    { name: 'to', label: 'Before', kind: 'time' },
  ] as const
  const isNarrowed = state !== 'all' || fields.some(({ name }) => query.has(name))
  const unattended = data?.alerts.find((one) => one.resolvedAt === undefined && one.acknowledgedBy === undefined)
  return (
    <>
      <Opening sentence={error === null ? sentenceOf(open, resolved) : 'The alerts cannot be read.'} />
      <Panel
        title="Alerts"
        note={
          data === undefined
            ? undefined
            : `${formatCount(data.total)} ${state === 'all' ? 'in all' : state}, newest first`
        }
        aside={<StateChoice state={state} />}
      >
        <FilterForm fields={fields} zone={zone} query={query} />
        <TurnedTable
          caption="Alerts, newest first"
          columns={columns}
          rows={data?.alerts}
          idOf={({ id }) => id}
          error={error}
          reading="Reading the alerts …"
          empty={
            isNarrowed ? (
              <Empty>No such alert.</Empty>
            ) : (
              <Empty line={commands.slos()}>
                Here would be each alert with who looked after it. One opens when the evidence, the size of the effect
                and the number of rows all speak for it. What models promise, with what is left:
              </Empty>
            )
          }
          trail={trail}
          next={data?.next}
          line={commands.alerts({ state, about, ...askedOf(query, ['from', 'to']).asked })}
        >
          {unattended !== undefined && (
            <>
              To say that you look after {unattended.id}:
              <Command line={commands.acknowledge(unattended.id)} />
            </>
          )}
        </TurnedTable>
      </Panel>
    </>
  )
}

function StateChoice({ state }: { state: (typeof states)[number] }): ReactNode {
  return (
    <fieldset className="group">
      <legend className="unseen">Which alerts</legend>
      {states.map((one) => (
        <button
          key={one}
          type="button"
          aria-pressed={one === state}
          onClick={() => changeQuery({ state: one === 'all' ? undefined : one }, 'push')}
        >
          {one}
        </button>
      ))}
    </fieldset>
  )
}

/** What alerts may be about, as far as the fleet tells. */
function subjectsOf(fleet: Fleet | undefined): readonly string[] {
  if (fleet === undefined) return []
  return [...fleet.models.map(({ name }) => name), ...fleet.streams.map(({ name }) => `stream/${name}`)]
}

function sentenceOf(open: number | undefined, resolved: number | undefined): string {
  if (open === undefined || resolved === undefined) return 'Reading the alerts …'
  if (open + resolved === 0) return 'No alert has been opened yet.'
  const before = `${resolved === 1 ? 'one was' : `${formatCount(resolved)} were`} resolved before.`
  if (open === 0) return `No alert is open; ${before}`
  return `${open === 1 ? 'One alert is' : `${formatCount(open)} alerts are`} open; ${before}`
}
