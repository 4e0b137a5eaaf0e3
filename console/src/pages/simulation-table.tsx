import { type ReactNode, useMemo } from 'react'
import type { SimulationAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import type { Column } from '../components/data-table.tsx'
import { Empty } from '../components/empty.tsx'
import { Panel } from '../components/panel.tsx'
import { sentence } from '../components/sentence.tsx'
import { offsetPage, TurnedTable } from '../components/turned-table.tsx'
import { useTrail } from '../components/turns.tsx'
import { formatTime } from '../format/time.ts'
import { modelLink, simulationLink } from '../route.ts'

const LIMIT = 5

interface SimulationTableProps {
  readonly models: readonly string[]
  readonly zone: string
  readonly query: URLSearchParams
  readonly poll: number
}

/** Comparisons of policies over history, newest first: each with which of them did best. */
export function SimulationTable({ models, zone, query, poll }: SimulationTableProps): ReactNode {
  const trail = useTrail('simulations')
  const { asked, isFirst, nextOf } = offsetPage(trail, LIMIT)
  const { data, error } = useReading<readonly SimulationAnswer[]>('api/v1/simulations', asked, isFirst && poll)
  const rows = useMemo(() => data?.slice(0, LIMIT), [data])
  const columns = useMemo(() => columnsFor(zone, query), [zone, query])
  return (
    <Panel title="Policies compared over history" note="newest first">
      <TurnedTable
        caption="Comparisons of policies of retraining, newest first"
        columns={columns}
        rows={rows}
        idOf={({ number }) => String(number)}
        error={error}
        reading="Reading the comparisons …"
        empty={
          <Empty line={commands.simulate(models[0] ?? 'MODEL')}>
            Here would be what other policies would have cost and brought over the history that there is:
          </Empty>
        }
        trail={trail}
        next={nextOf(data)}
        {...(rows === undefined || rows.length === 0 ? {} : { line: commands.simulations() })}
      />
    </Panel>
  )
}

function columnsFor(zone: string, query: URLSearchParams): readonly Column<SimulationAnswer>[] {
  return [
    {
      id: 'number',
      header: 'Simulation',
      meta: { look: 'number' },
      cell: ({ row: { original } }) => <a href={simulationLink(original.number, query)}>{original.number}</a>,
    },
    {
      id: 'model',
      header: 'Model',
      cell: ({ row }) => <a href={modelLink(row.original.model, query)}>{breakable(row.original.model)}</a>,
    },
    {
      id: 'at',
      header: 'When',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {formatTime(original.at, zone)}
          <span className="under">by {original.by}</span>
        </>
      ),
    },
    {
      id: 'history',
      header: 'History',
      meta: { look: 'nowrap' },
      cell: ({ row: { original } }) => (
        <>
          {formatTime(original.from, zone)}
          <span className="under">to {formatTime(original.until, zone)}</span>
        </>
      ),
    },
    {
      id: 'sentence',
      header: 'What it says',
      meta: { look: 'wide' },
      cell: ({ row }) => sentence(row.original.sentence),
    },
  ]
}
