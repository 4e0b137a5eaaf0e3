import { type ReactNode, useMemo, useState } from 'react'
import type { Alert } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { alertColumns } from '../components/alert-columns.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'

const LIMIT = 10

interface AlertHistoryProps {
  readonly alerts: readonly Alert[]
  readonly model: string
  readonly zone: string
  readonly query: URLSearchParams
}

/** The alerts of the stretch of time that the strips show: open ones first, then the newest. */
export function AlertHistory({ alerts, model, zone, query }: AlertHistoryProps): ReactNode {
  const [asked, setOffset] = useState(0)
  const columns = useMemo(() => alertColumns({ zone, query, withModel: false }), [zone, query])
  const sorted = useMemo(() => [...alerts].sort(openThenNewest), [alerts])
  const offset = asked < sorted.length ? asked : 0
  const rows = useMemo(() => sorted.slice(offset, offset + LIMIT), [sorted, offset])
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === undefined).length
  return (
    <Panel title="Alerts" note={`${open} open, ${alerts.length - open} resolved in the time shown`}>
      <DataTable
        caption={`Alerts of ${model}`}
        columns={columns}
        rows={rows}
        idOf={(row) => row.id}
        page={{ offset, limit: LIMIT, total: alerts.length, onOffset: setOffset }}
        empty={
          <Empty line={commands.monitor(model)}>
            No alert in the time shown. What is watched, with each threshold and the smallest effect that could be seen:
          </Empty>
        }
      />
    </Panel>
  )
}

function openThenNewest(a: Alert, b: Alert): number {
  const [closedA, closedB] = [a.resolvedAt === undefined ? 0 : 1, b.resolvedAt === undefined ? 0 : 1]
  return closedA - closedB || b.openedAt - a.openedAt
}
