import { type ReactNode, useMemo } from 'react'
import type { BatchListing, BatchRunAnswer } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Status, type Tone } from '../components/status.tsx'
import { formatTime } from '../format/time.ts'
import { batchRunLink, modelLink } from '../route.ts'

const tones: Readonly<Record<BatchRunAnswer['status'], Tone>> = {
  running: 'none',
  succeeded: 'ok',
  held: 'warning',
  failed: 'failing',
  cancelled: 'none',
}

/** How a run of a batch ended, or that it goes on. */
export function BatchStatus({ status }: { status: BatchRunAnswer['status'] }): ReactNode {
  return <Status tone={tones[status]}>{status === 'held' ? 'held back' : status}</Status>
}

interface BatchTableProps {
  readonly batches: readonly BatchListing[]
  readonly zone: string
  readonly query: URLSearchParams
}

/** The batches of the project: what each scores, when it runs next, and how its newest run ended. */
export function BatchTable({ batches, zone, query }: BatchTableProps): ReactNode {
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  const [first] = batches
  return (
    <Panel title="Batches" note="populations that are scored on a schedule, or when somebody asks">
      <DataTable
        caption="Batches of the project"
        columns={columns}
        rows={batches}
        idOf={({ name }) => name}
        empty={
          <Empty line={commands.scoreFile('MODEL')}>
            Here would be each population that is scored on a schedule. Define one with <code>batch()</code>; a file is
            scored without any:
          </Empty>
        }
      />
      {first !== undefined && (
        <div className="foot">
          To run one now:
          <Command line={commands.runBatch(first.name)} />
        </div>
      )}
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<BatchListing>[] {
  return [
    {
      id: 'status',
      header: 'Newest run',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.run === undefined ? (
          <Status tone="none">none yet</Status>
        ) : (
          <>
            <BatchStatus status={original.run.status} />
            <span className="under">
              <a href={batchRunLink(original.run.id, query)}>{original.run.id}</a>
            </span>
          </>
        ),
    },
    {
      id: 'name',
      header: 'Batch',
      cell: ({ row: { original } }) => (
        <>
          <span className="name">{breakable(original.name)}</span>
          {original.description !== undefined && <span className="under">{breakable(original.description)}</span>}
          {original.owner !== undefined && <span className="under">owner {original.owner}</span>}
        </>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
    },
    {
      id: 'population',
      header: 'From and to',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {breakable(original.population)}
          <span className="under">to {breakable(original.destination)}</span>
        </>
      ),
    },
    {
      id: 'due',
      header: 'Next',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) =>
        original.due === undefined ? (
          <span className="quiet">no schedule</span>
        ) : (
          <>
            {formatTime(original.due, zone)}
            {original.schedule !== undefined && <span className="under mono">{original.schedule}</span>}
          </>
        ),
    },
  ]
}
