import { type ReactNode, useMemo } from 'react'
import type { ActPage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatFact } from '../format/fact.ts'
import { formatTime } from '../format/time.ts'
import { actLink } from '../route.ts'

type Act = ActPage['acts'][number]

const LIMIT = 20
/** From so many letters on a name may break. */
const LONG = 25
/** Members of a state that are times. */
const times: readonly string[] = ['at', 'from', 'to', 'until', 'asOf']

interface ActTableProps {
  readonly caption: string
  /** Which acts: members of the address that is asked. */
  readonly filter: Readonly<Record<string, string | number | undefined>>
  /** Where they are not all of one thing: the way to what each was done to. */
  readonly query?: URLSearchParams
  readonly empty: ReactNode
  /** The command line that lists the same. */
  readonly line: string
  readonly zone: string
  readonly poll: number
  readonly children?: ReactNode
}

/** Acts of people and of the platform, newest first, a page at a time. */
export function ActTable(props: ActTableProps): ReactNode {
  const { caption, filter, query, empty, line, zone, poll, children } = props
  const trail = useTrail('acts', JSON.stringify(filter))
  const asked = { ...filter, limit: LIMIT, cursor: trail.cursor }
  const { data, error } = useReading<ActPage>('api/v1/acts', asked, trail.cursor === undefined && poll)
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <TurnedTable
      caption={caption}
      columns={columns}
      rows={data?.acts}
      idOf={({ sequence }) => String(sequence)}
      error={error}
      reading="Reading the audit log …"
      empty={empty}
      trail={trail}
      next={data?.next}
      line={line}
    >
      {children}
    </TurnedTable>
  )
}

function columnsFor(zone: string, query: URLSearchParams | undefined): readonly Column<Act>[] {
  const target: Column<Act> = {
    id: 'target',
    header: 'To what',
    cell: ({ row: { original } }) => {
      const link = query === undefined ? undefined : actLink(original, query)
      return link === undefined ? breakable(original.target) : <a href={link}>{breakable(original.target)}</a>
    },
  }
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    {
      id: 'by',
      header: 'By',
      cell: ({ row }) => (
        <span className={row.original.by.length < LONG ? 'whole' : undefined}>{breakable(row.original.by)}</span>
      ),
    },
    { id: 'action', header: 'What', meta: { look: 'nowrap' }, cell: ({ row }) => <code>{row.original.action}</code> },
    ...(query === undefined ? [] : [target]),
    {
      id: 'reason',
      header: 'Why',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.reason === undefined ? <span className="quiet">nothing was said</span> : breakable(original.reason),
    },
    {
      id: 'change',
      header: 'State then',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.before === undefined && original.after === undefined ? (
          <span className="quiet">none on record</span>
        ) : (
          <>
            {original.after === undefined ? 'nothing more' : breakable(stateOf(original.after, zone))}
            {original.before !== undefined && (
              <span className="under">{breakable(`before: ${stateOf(original.before, zone)}`)}</span>
            )}
          </>
        ),
    },
  ]
}

/** The state that an act left, or met, in words. */
function stateOf(state: unknown, zone: string): string {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return formatFact(state)
  const said = Object.entries(state).map(([name, value]) => [
    name,
    times.includes(name) && typeof value === 'number' ? formatTime(value, zone) : value,
  ])
  return formatFact(Object.fromEntries(said))
}
