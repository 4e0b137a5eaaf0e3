import { type ReactNode, useMemo } from 'react'
import type { ActPage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { breakable } from '../components/breakable.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { Turns, useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'

type Act = ActPage['acts'][number]

const LIMIT = 20
const none: readonly Act[] = []

interface VersionActsProps {
  readonly model: string
  readonly version: number
  readonly zone: string
  readonly poll: number
}

/** What the audit log has of a version, newest first. */
export function VersionActs({ model, version, zone, poll }: VersionActsProps): ReactNode {
  const target = `${model}/${version}`
  const trail = useTrail(target)
  const asked = { target, limit: LIMIT, cursor: trail.cursor }
  const { data, error } = useReading<ActPage>('api/v1/acts', asked, trail.cursor === undefined && poll)
  const columns = useMemo(() => columnsFor(zone), [zone])
  return (
    <Panel title="Audit log" note="who did what with it, newest first">
      {error !== null && (
        <div className="body">
          <Problem error={error} />
        </div>
      )}
      <DataTable
        caption={`Acts on ${model} v${version}, newest first`}
        columns={columns}
        rows={data?.acts ?? none}
        idOf={({ sequence }) => String(sequence)}
        empty={data === undefined ? error === null && 'Reading the audit log …' : 'Nothing was done with it yet.'}
      />
      <Turns {...trail.turns(data?.next)} />
    </Panel>
  )
}

function columnsFor(zone: string): readonly Column<Act>[] {
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    { id: 'by', header: 'By', cell: ({ row }) => breakable(row.original.by) },
    { id: 'action', header: 'What', meta: { look: 'nowrap' }, cell: ({ row }) => <code>{row.original.action}</code> },
    {
      id: 'reason',
      header: 'Why',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) =>
        original.reason === undefined ? <span className="quiet">nothing was said</span> : breakable(original.reason),
    },
    {
      id: 'change',
      header: 'From and to',
      meta: { look: 'wide' },
      cell: ({ row: { original } }) => (
        <>
          {original.before !== undefined && <code className="cut">{JSON.stringify(original.before)}</code>}
          {original.after !== undefined && <code className="cut">{JSON.stringify(original.after)}</code>}
        </>
      ),
    },
  ]
}
