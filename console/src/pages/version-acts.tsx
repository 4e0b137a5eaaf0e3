import { type ReactNode, useMemo } from 'react'
import type { ActPage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatFact } from '../format/fact.ts'
import { formatTime } from '../format/time.ts'

type Act = ActPage['acts'][number]

const LIMIT = 20

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
      <TurnedTable
        caption={`Acts on ${model} v${version}, newest first`}
        columns={columns}
        rows={data?.acts}
        idOf={({ sequence }) => String(sequence)}
        error={error}
        reading="Reading the audit log …"
        empty="Nothing was done with it yet."
        trail={trail}
        next={data?.next}
      />
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
          {original.before !== undefined && breakable(`from ${formatFact(original.before)}`)}
          {original.after !== undefined && (
            <span className="under">{breakable(`to ${formatFact(original.after)}`)}</span>
          )}
        </>
      ),
    },
  ]
}
