import { type ReactNode, useMemo } from 'react'
import type { Fleet } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount } from '../format/number.ts'
import { formatTime } from '../format/time.ts'

type Stream = Fleet['streams'][number]

/** What came in over each stream, and what became of it. */
export function StreamTable({ streams, zone }: { streams: readonly Stream[]; zone: string }): ReactNode {
  const columns = useMemo(() => columnsFor(zone), [zone])
  return (
    <Panel title="Streams" note="rows since the data directory was made">
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

function columnsFor(zone: string): readonly Column<Stream>[] {
  const count = (id: 'received' | 'accepted' | 'duplicates', header: string): Column<Stream> => ({
    id,
    header,
    meta: { look: 'number' },
    cell: ({ row }) => formatCount(row.original[id]),
  })
  return [
    { id: 'name', header: 'Stream', cell: ({ row }) => <span className="name">{row.original.name}</span> },
    count('received', 'Received'),
    count('accepted', 'Accepted'),
    count('duplicates', 'Duplicates'),
    { id: 'rejected', header: 'Dead letters', meta: { look: 'number' }, cell: ({ row }) => rejectedCell(row.original) },
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

function rejectedCell({ rejected, received }: Stream): ReactNode {
  if (rejected === 0) return '0'
  const share = rejected / received
  const said = `${share < 0.001 ? '<.1' : (share * 100).toFixed(1)}% of rows`
  return (
    <>
      {share >= 0.01 ? <Status tone="warning">{formatCount(rejected)}</Status> : formatCount(rejected)}
      <span className="under">{said}</span>
    </>
  )
}
