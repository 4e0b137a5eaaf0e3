import { type ReactNode, useMemo, useState } from 'react'
import type { ModelVersion, ModelVersionPage } from '../../../src/platform/api/contract.ts'
import { useVersions } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Status } from '../components/status.tsx'
import { formatDigest, formatScore, metricWords } from '../format/number.ts'
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
  const newest = data?.logged[0]
  return (
    <Panel
      title="Versions"
      note={data === undefined ? undefined : countOf(data)}
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
      {newest !== undefined && (
        <div className="foot">
          v{newest.version} was logged by {newest.author}, and cannot serve before it is given a contract:
          <Command line={commands.importVersion(model, newest.version)} />
        </div>
      )}
    </Panel>
  )
}

function countOf({ total, logged }: ModelVersionPage): string {
  return `${total} registered${logged.length === 0 ? '' : ` and ${logged.length} only logged`}, newest first`
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
      id: 'metric',
      header: 'Before release',
      meta: { look: 'number' },
      cell: ({ row: { original } }) =>
        original.metric === undefined ? (
          <span className="quiet">none</span>
        ) : (
          <>
            {formatScore(original.metric.value)}
            <span className="under">{metricWords(original.metric.name)}</span>
          </>
        ),
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
