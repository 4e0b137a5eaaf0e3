import { type ReactNode, useMemo, useState } from 'react'
import type { ModelVersion } from '../../../src/platform/api/contract.ts'
import { useVersions } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatDigest, formatScore } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { registeredLink } from '../route.ts'
import { GateCell } from './gate-cell.tsx'

const LIMIT = 10
const none: readonly ModelVersion[] = []

interface VersionTableProps {
  readonly model: string
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** The versions of a model with the verdict of the gate on each, newest first; each leads to what is on record about it. */
export function VersionTable({ model, zone, query, poll }: VersionTableProps): ReactNode {
  const [offset, setOffset] = useState(0)
  const { data, error } = useVersions(model, LIMIT, offset, poll)
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel
      title="Versions"
      note={data === undefined ? undefined : `${data.total} registered, newest first`}
      aside={<a href={registeredLink(query, model)}>What served when, and who let it</a>}
    >
      {data === undefined && error !== null ? (
        <div className="body">
          <Problem error={error} />
        </div>
      ) : (
        <DataTable
          caption={`Versions of ${model}`}
          columns={columns}
          rows={data?.versions ?? none}
          idOf={(row) => String(row.version)}
          page={{ offset, limit: LIMIT, total: data?.total ?? 0, onOffset: setOffset }}
          empty={
            data === undefined ? (
              'Reading the versions …'
            ) : (
              <Empty line={commands.train(model)}>
                Here would be every version that was trained, with its evaluation and the verdict of the gate:
              </Empty>
            )
          }
        />
      )}
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<ModelVersion>[] {
  return [
    {
      id: 'version',
      header: 'Version',
      meta: { look: 'nowrap' },
      cell: ({ row }) => (
        <>
          <a className="name" href={registeredLink(query, row.original.model, row.original.version)}>
            v{row.original.version}
          </a>
          <span className="under mono">{formatDigest(row.original.digest)}</span>
        </>
      ),
    },
    {
      id: 'state',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row }) => (row.original.serving ? <Status tone="ok">serving</Status> : row.original.standing),
    },
    {
      id: 'variant',
      header: 'Features',
      meta: { look: 'nowrap' },
      cell: ({ row }) => (row.original.variant === 'full' ? 'all' : 'without windows'),
    },
    {
      id: 'auc',
      header: 'AUC before release',
      meta: { look: 'number' },
      cell: ({ row }) =>
        row.original.auc === undefined ? <span className="quiet">none</span> : formatScore(row.original.auc),
    },
    {
      id: 'gate',
      header: 'Gate',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <GateCell
          gate={original.gate === undefined ? null : { verdict: original.gate, sentence: original.gateSentence ?? '' }}
        />
      ),
    },
    { id: 'author', header: 'Author', cell: ({ row }) => row.original.author },
    {
      id: 'approved',
      header: 'Approved by',
      cell: ({ row }) => row.original.approvedBy ?? <span className="quiet">nobody</span>,
    },
    {
      id: 'created',
      header: 'Registered',
      meta: { look: 'nowrap' },
      cell: ({ row }) => formatTime(row.original.createdAt, zone),
    },
  ]
}
