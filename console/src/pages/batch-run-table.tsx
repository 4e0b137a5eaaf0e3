import { type ReactNode, useMemo } from 'react'
import type { BatchRunAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { offsetPage, TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatCount } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { batchRunLink, registeredLink } from '../route.ts'
import { BatchStatus } from './batch-table.tsx'

const LIMIT = 10

/** Runs that scored a population, newest first; each leads to its report. */
export function BatchRunTable(props: { zone: string; query: URLSearchParams; poll: number }): ReactNode {
  const { zone, query, poll } = props
  const trail = useTrail('batch runs')
  const { asked, isFirst, nextOf } = offsetPage(trail, LIMIT)
  const { data, error } = useReading<readonly BatchRunAnswer[]>('api/v1/batch-runs', asked, isFirst && poll)
  const rows = useMemo(() => data?.slice(0, LIMIT), [data])
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Batch runs" note="received = scored + rejected, newest first">
      <TurnedTable
        caption="Runs that scored a population, newest first"
        columns={columns}
        rows={rows}
        idOf={({ id }) => id}
        error={error}
        reading="Reading the runs …"
        empty="No population was scored yet."
        trail={trail}
        next={nextOf(data)}
        line={commands.batchRuns()}
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<BatchRunAnswer>[] {
  const count = (id: 'received' | 'scored' | 'rejected', header: string): Column<BatchRunAnswer> => ({
    ...{ id, header, meta: { look: 'number' } },
    cell: ({ row: { original } }) =>
      original.report === undefined ? <span className="quiet">none</span> : formatCount(original.report[id]),
  })
  return [
    {
      id: 'run',
      header: 'Run',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <a className="name" href={batchRunLink(original.id, query)}>
          {original.id}
        </a>
      ),
    },
    {
      id: 'status',
      header: 'Status',
      cell: ({ row: { original } }) => (
        <>
          <BatchStatus status={original.status} />
          {original.error !== undefined && <span className="under">{breakable(original.error.error)}</span>}
        </>
      ),
    },
    {
      id: 'batch',
      header: 'Batch',
      cell: ({ row: { original } }) =>
        original.batch === '' ? <span className="quiet">over a file</span> : breakable(original.batch),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.model)}{' '}
          <a href={registeredLink(query, original.model, original.version)}>v{original.version}</a>
        </>
      ),
    },
    { id: 'at', header: 'As of', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
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
          </span>
        </>
      ),
    },
    count('received', 'Received'),
    count('scored', 'Scored'),
    count('rejected', 'Rejected'),
  ]
}
