import { type ReactNode, useMemo } from 'react'
import type { OverridePage } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { asCalled } from '../called-as.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { modelLink, predictionLink } from '../route.ts'

type Override = OverridePage['overrides'][number]

const LIMIT = 20

interface OverrideTableProps {
  readonly model: string | undefined
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** What people decided in the place of predictions, after the fact; what was served stays as it was. */
export function OverrideTable({ model, zone, query, poll }: OverrideTableProps): ReactNode {
  const trail = useTrail('overrides', String(model))
  const asked = { model, limit: LIMIT, cursor: trail.cursor }
  const path = 'api/v1/prediction-overrides'
  const { data, error } = useReading<OverridePage>(path, asked, trail.cursor === undefined && poll)
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Predictions decided otherwise" note="after the fact, newest first; what was served stays as it was">
      <TurnedTable
        caption="What people decided in the place of predictions, newest first"
        columns={columns}
        rows={data?.overrides}
        idOf={({ prediction, at }) => `${prediction} ${at}`}
        error={error}
        reading="Reading what was decided …"
        empty={
          <Empty line={commands.override()}>
            Nobody has decided otherwise than a prediction did. Who does says why, and the trace of the prediction tells
            both:
          </Empty>
        }
        trail={trail}
        next={data?.next}
        line={commands.overrides()}
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<Override>[] {
  return [
    { id: 'at', header: 'When', meta: { look: 'nowrap' }, cell: ({ row }) => formatTime(row.original.at, zone) },
    {
      id: 'prediction',
      header: 'Prediction',
      cell: ({ row: { original } }) => (
        <>
          <a className="mono" href={predictionLink(original.prediction, query)}>
            {breakable(original.prediction)}
          </a>
          <span className="under mono">{asCalled(commands.trace(original.prediction))}</span>
        </>
      ),
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
    },
    { id: 'decision', header: 'Decided', cell: ({ row }) => <strong>{breakable(row.original.decision)}</strong> },
    { id: 'by', header: 'By', cell: ({ row }) => breakable(row.original.by) },
    { id: 'reason', header: 'Why', meta: { look: 'wide' }, cell: ({ row }) => breakable(row.original.reason) },
  ]
}
