import { type ReactNode, useMemo, useState } from 'react'
import type { Alert } from '../../../src/platform/api/contract.ts'
import { useOpenAlerts } from '../api/queries.ts'
import { commands } from '../commands.ts'
import { alertColumns } from '../components/alert-columns.tsx'
import { DataTable } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { alertsLink } from '../route.ts'

const LIMIT = 10
const none: readonly Alert[] = []

/** The alerts that are open in the whole fleet, newest first. */
export function OpenAlerts(props: { zone: string; query: URLSearchParams; poll: number }): ReactNode {
  const { zone, query, poll } = props
  const [offset, setOffset] = useState(0)
  const { data, error } = useOpenAlerts(LIMIT, offset, poll)
  const columns = useMemo(() => alertColumns({ zone, query, withModel: true }), [zone, query])
  return (
    <Panel
      title="Open alerts"
      note={data === undefined ? undefined : `${data.total} open, newest first`}
      aside={<a href={alertsLink(query)}>All alerts</a>}
    >
      {data === undefined && error !== null ? (
        <div className="body">
          <Problem error={error} />
        </div>
      ) : (
        <DataTable
          caption="Open alerts of all models"
          columns={columns}
          rows={data?.alerts ?? none}
          idOf={(row) => row.id}
          page={{ offset, limit: LIMIT, total: data?.total ?? 0, onOffset: setOffset }}
          empty={
            data === undefined ? (
              'Reading the alerts …'
            ) : (
              <Empty line={commands.alerts()}>
                Nothing is open. An alert opens when the evidence, the size of the effect and the number of rows all
                speak for it. This lists those of the past as well:
              </Empty>
            )
          }
        />
      )}
    </Panel>
  )
}
