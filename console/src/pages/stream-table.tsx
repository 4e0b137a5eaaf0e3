import { type ReactNode, useMemo } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { deadLettersLink, streamLink } from '../route.ts'

type Stream = Fleet['streams'][number]

interface StreamTableProps {
  readonly streams: readonly Stream[]
  readonly zone: string
  readonly query: URLSearchParams
}

/** What came in over each stream, and what became of it. */
export function StreamTable({ streams, zone, query }: StreamTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Streams" note="received = accepted + duplicates + dead letters, since the data directory was made">
      <DataTable
        caption="Streams with what was received and accepted"
        columns={columns}
        rows={streams}
        idOf={(row) => row.name}
        empty={
          <Empty line={commands.ingest()}>
            Here would be each stream with the rows that it received. Declare one with <code>stream()</code>, then send
            rows:
          </Empty>
        }
      />
      {streams.some(({ rejected }) => rejected > 0) && (
        <div className="foot">
          Dead letters keep the row and the reason:
          <Command line={commands.deadLetters()} />
        </div>
      )}
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Stream>[] {
  const count = (id: 'received' | 'duplicates', header: string): Column<Stream> => ({
    id,
    header,
    meta: { look: 'number' },
    cell: ({ row }) => formatCount(row.original[id]),
  })
  return [
    {
      id: 'name',
      header: 'Stream',
      cell: ({ row }) => (
        <a className="name" href={streamLink(row.original.name, query)}>
          {breakable(row.original.name)}
        </a>
      ),
    },
    count('received', 'Received'),
    {
      id: 'accepted',
      header: 'Accepted',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => (
        <>
          {formatCount(original.accepted)}
          {original.mended > 0 && <span className="under">{formatCount(original.mended)} mended</span>}
        </>
      ),
    },
    count('duplicates', 'Duplicates'),
    {
      id: 'rejected',
      header: 'Dead letters',
      meta: { look: 'number' },
      cell: ({ row }) => rejectedCell(row.original, query),
    },
    {
      id: 'last',
      header: 'Latest event',
      meta: { look: 'nowrap' },
      cell: ({ row }) =>
        row.original.lastEventTime === undefined ? (
          <span className="quiet">none yet</span>
        ) : (
          formatTime(row.original.lastEventTime, zone)
        ),
    },
  ]
}

function rejectedCell({ name, rejected, received }: Stream, query: URLSearchParams): ReactNode {
  if (rejected === 0) return '0'
  const share = rejected / received
  const said = `${share < 0.001 ? '<.1' : (share * 100).toFixed(1)}% of rows`
  return (
    <>
      <a href={deadLettersLink(query, name)}>
        {share >= 0.01 ? <Status tone="warning">{formatCount(rejected)}</Status> : formatCount(rejected)}
      </a>
      <span className="under">{said}</span>
    </>
  )
}
