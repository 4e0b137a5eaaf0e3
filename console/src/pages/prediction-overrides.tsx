import { type ReactNode, useMemo } from 'react'
import type { LoggedPredictionPage, OverridePage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatTime } from '../format/time.ts'

type Override = OverridePage['overrides'][number]

/** Of one prediction hardly more than one. */
const MOST = 20
const POLL = 10_000

interface PredictionOverridesProps {
  readonly prediction: LoggedPredictionPage['predictions'][number]
  readonly zone: string
}

/** What people decided in the place of a prediction, and how somebody does; nothing of one without a decision. */
export function PredictionOverrides({ prediction, zone }: PredictionOverridesProps): ReactNode {
  const { prediction_id: id, decision } = prediction
  const { data, error } = useReading<OverridePage>(
    'api/v1/prediction-overrides',
    { prediction: id, limit: MOST },
    POLL,
    decision !== undefined,
  )
  const columns = useMemo(() => columnsFor(zone), [zone])
  if (decision === undefined) return null
  const overrides = data?.overrides ?? []
  const [newest] = overrides
  const note = newest && `${newest.by} decided ‘${newest.decision}’ in the place of ‘${decision}’`
  return (
    <Panel title="Decided otherwise" note={note}>
      {error !== null && <Problem error={error} />}
      <DataTable
        caption={`What people decided in the place of ${id}, newest first`}
        columns={columns}
        rows={overrides}
        idOf={({ at, by }) => `${at} ${by}`}
        empty={data === undefined ? 'Reading what was decided …' : `Nobody has: ‘${decision}’ stands.`}
      />
      <div className="foot">
        {newest === undefined ? 'To decide otherwise:' : 'The same on the command line:'}
        <Command line={newest === undefined ? commands.override(id) : commands.overrides(id)} />
      </div>
    </Panel>
  )
}

function columnsFor(zone: string): readonly Column<Override>[] {
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    { id: 'decision', header: 'Decided', cell: ({ row }) => <strong>{breakable(row.original.decision)}</strong> },
    { id: 'by', header: 'By', cell: ({ row }) => breakable(row.original.by) },
    { id: 'reason', header: 'Why', meta: { look: 'wide' }, cell: ({ row }) => breakable(row.original.reason) },
  ]
}
