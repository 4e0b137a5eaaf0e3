import { type ReactNode, useMemo } from 'react'
import type { SourceListing, SourceRunAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { deadLettersLink } from '../route.ts'
import { RunStatus } from './source-state.tsx'

const LIMIT = 20

interface SourceRunTableProps {
  readonly source: SourceListing
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** Runs of a source, newest first: what came of each. */
export function SourceRunTable({ source: { name, into }, zone, query, poll }: SourceRunTableProps): ReactNode {
  const trail = useTrail('source runs', name)
  const path = `api/v1/sources/${encodeURIComponent(name)}/runs`
  // One more than is shown tells whether there is another page.
  const asked = { limit: LIMIT + 1, before: trail.cursor }
  const { data, error } = useReading<readonly SourceRunAnswer[]>(path, asked, trail.cursor === undefined && poll)
  const rows = useMemo(() => data?.slice(0, LIMIT), [data])
  const columns = useMemo(() => columnsFor(into, zone, query), [into, zone, query])
  const next = data !== undefined && data.length > LIMIT ? data[LIMIT - 1]?.number : undefined
  return (
    <Panel title="Runs" note="received = accepted + duplicates + rejected, newest first; kept for 90 days">
      <TurnedTable
        caption={`Runs of ${name}, newest first`}
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        error={error}
        reading="Reading the runs …"
        empty={<Empty line={commands.runSource(name)}>Here would be each time that it was read. To read it now:</Empty>}
        trail={trail}
        next={next === undefined ? undefined : String(next)}
        line={commands.sourceRuns(name)}
      />
    </Panel>
  )
}

const kinds: Readonly<Record<SourceRunAnswer['kind'], string>> = {
  schedule: 'by schedule',
  asked: 'asked for',
  backfill: 'fills a gap',
}

function columnsFor(into: string, zone: string, query: URLSearchParams): readonly Column<SourceRunAnswer>[] {
  const count = (id: 'received' | 'accepted' | 'duplicates' | 'deleted', header: string): Column<SourceRunAnswer> => ({
    ...{ id, header, meta: { look: 'number' } },
    cell: ({ row }) => formatCount(row.original[id]),
  })
  return [
    {
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => (
        <>
          <RunStatus run={original} />
          {original.error !== undefined && <span className="under">{breakable(original.error.error)}</span>}
        </>
      ),
    },
    { id: 'number', header: 'Run', meta: { look: 'number' }, cell: ({ row }) => row.original.number },
    {
      id: 'started',
      header: 'Started',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {formatTime(original.startedAt, zone)}
          <span className="under">
            {original.finishedAt === undefined
              ? 'goes on'
              : `took ${formatDuration(original.finishedAt - original.startedAt)}`}
            {original.turns > 1 ? ` in ${original.turns} turns` : ''}
          </span>
        </>
      ),
    },
    {
      id: 'kind',
      header: 'Why',
      cell: ({ row: { original } }) => (
        <>
          {kinds[original.kind]}
          {(original.from !== undefined || original.to !== undefined) && (
            <span className="under">{rangeOf(original, zone)}</span>
          )}
        </>
      ),
    },
    count('received', 'Received'),
    count('accepted', 'Accepted'),
    count('duplicates', 'Duplicates'),
    {
      id: 'rejected',
      header: 'Rejected',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.rejected === 0 ? '0' : <a href={deadLettersLink(query, into)}>{formatCount(original.rejected)}</a>,
    },
    count('deleted', 'Deletions'),
    {
      id: 'watermark',
      header: 'Read up to',
      cell: ({ row: { original } }) =>
        original.watermark === undefined ? (
          <span className="quiet">no watermark</span>
        ) : (
          <code>{breakable(original.watermark)}</code>
        ),
    },
  ]
}

function rangeOf({ from, to }: SourceRunAnswer, zone: string): string {
  const words = [
    ...(from === undefined ? [] : [`from ${formatTime(from, zone)}`]),
    ...(to === undefined ? [] : [`before ${formatTime(to, zone)}`]),
  ]
  return words.join(' ')
}
