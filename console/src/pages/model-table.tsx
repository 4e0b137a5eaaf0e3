import { type ReactNode, useMemo } from 'react'
import type { FleetModel, Health } from '../../../src/platform/api/contract.ts'
import { asCalled } from '../called-as.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'
import { HealthStatus, Status } from '../components/status.tsx'
import { formatCount, formatDigest, formatMilliseconds, formatScore, metricWords } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { apiLink, modelLink } from '../route.ts'

const worstFirst: Record<Health, number> = { failing: 0, warning: 1, not_enough_data: 2, ok: 3 }

interface ModelTableProps {
  readonly models: readonly FleetModel[]
  readonly zone: string
  readonly query: URLSearchParams
}

/** Every model with its worst part and the cause, worst first. */
export function ModelTable({ models, zone, query }: ModelTableProps): ReactNode {
  const rows = useMemo(
    () => [...models].sort((a, b) => worstFirst[a.health] - worstFirst[b.health] || a.name.localeCompare(b.name)),
    [models],
  )
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel
      title="Models"
      note={models.length > 1 ? 'worst first' : undefined}
      aside={<a href={apiLink(query)}>How each is asked</a>}
    >
      <DataTable
        caption="Models, worst first"
        columns={columns}
        rows={rows}
        idOf={(row) => row.name}
        empty={
          <Empty line={commands.demo()}>
            Here would be every model with its state and the cause. Define one in <code>trueline.config.ts</code> and
            run <code>{asCalled(commands.apply())}</code>, or see six months of flights played through the whole line:
          </Empty>
        }
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<FleetModel>[] {
  return [
    {
      id: 'health',
      header: 'State',
      meta: { look: 'nowrap' },
      cell: ({ row }) => <HealthStatus health={row.original.health} />,
    },
    {
      id: 'name',
      header: 'Model',
      meta: { look: 'wide' },
      cell: ({ row }) => (
        <>
          <a className="name" href={modelLink(row.original.name, query)}>
            {breakable(row.original.name)}
          </a>
          <span className="under">{row.original.predicts}</span>
          {row.original.owner !== undefined && <span className="under">owner {row.original.owner}</span>}
        </>
      ),
    },
    { id: 'cause', header: 'Why', meta: { look: 'wide' }, cell: ({ row }) => sentence(row.original.sentence) },
    { id: 'version', header: 'Serving', meta: { look: 'nowrap' }, cell: ({ row }) => servingCell(row.original, zone) },
    {
      id: 'traffic',
      header: 'Predictions in the last hour',
      meta: { look: 'number' },
      cell: ({ row }) => (
        <>
          {formatCount(row.original.predictions.lastHour)}
          <span className="under">{formatCount(row.original.predictions.total)} since the start</span>
        </>
      ),
    },
    {
      id: 'p99',
      header: 'p99 a row',
      meta: { look: 'number' },
      cell: ({ row }) => orNothing(row.original.p99, formatMilliseconds),
    },
    {
      id: 'metric',
      header: 'Metric',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => (
        <>
          {orNothing(original.metric?.value, formatScore)}
          {original.metric !== undefined && <span className="under">{metricWords(original.metric.name)}</span>}
        </>
      ),
    },
    {
      id: 'alerts',
      header: 'Open alerts',
      meta: { look: 'number' },
      cell: ({ row }) =>
        row.original.openAlerts > 0 ? <Status tone="warning">{row.original.openAlerts}</Status> : '0',
    },
  ]
}

function servingCell(model: FleetModel, zone: string): ReactNode {
  const { candidates } = model
  const waiting = candidates > 0 && (
    <span className="under">{candidates === 1 ? '1 candidate waits' : `${candidates} candidates wait`}</span>
  )
  if (model.version === undefined) {
    return (
      <>
        <span className="quiet">nothing yet</span>
        {waiting}
      </>
    )
  }
  return (
    <>
      v{model.version}
      {model.digest !== undefined && <span className="mono quiet"> {formatDigest(model.digest).slice(0, 7)}</span>}
      {model.servingSince !== undefined && <span className="under">since {formatTime(model.servingSince, zone)}</span>}
      {waiting}
    </>
  )
}

function orNothing(value: number | undefined, format: (value: number) => string): ReactNode {
  return value === undefined ? <span className="quiet">no data</span> : format(value)
}
