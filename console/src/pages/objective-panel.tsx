import type { ReactNode } from 'react'
import type { ObjectiveState } from '../../../src/platform/api/contract.ts'
import { commands } from '../commands.ts'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Panel } from '../components/panel.tsx'
import { Status } from '../components/status.tsx'
import { formatCount, formatMilliseconds, formatRate } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { DAY, HOUR } from '../time/zone.ts'

interface ObjectivePanelProps {
  readonly model: string
  readonly objectives: readonly ObjectiveState[]
  readonly zone: string
}

/** What the model promises, what is left of each error budget, and how fast it is spent. */
export function ObjectivePanel({ model, objectives, zone }: ObjectivePanelProps): ReactNode {
  const window = objectives[0]?.window ?? 0
  const since = objectives[0]?.since
  return (
    <Panel
      title="Promises"
      note={
        since === undefined
          ? undefined
          : `over ${Math.round(window / DAY)} days; counted since ${formatTime(since, zone)}`
      }
    >
      <DataTable
        caption={`Promises of ${model}, with what is left of their error budgets`}
        columns={objectiveColumns}
        rows={objectives}
        idOf={({ name }) => name}
        empty={null}
      />
      <div className="body">
        <Command line={commands.slo(model)} />
      </div>
    </Panel>
  )
}

/** Windows whose rates are shown: the shortest and the longest of those that page, and the longest of all. */
const SHOWN = [HOUR, 6 * HOUR, 3 * DAY]

const percent = (share: number): string => `${Number((share * 100).toPrecision(5))}%`

/** The columns of a table of promises. */
export const objectiveColumns: readonly Column<ObjectiveState>[] = [
  {
    id: 'name',
    header: 'Promise',
    meta: { look: 'wide' },
    cell: ({ row: { original } }) => (
      <>
        {original.bound === undefined
          ? `${percent(original.target)} are answered`
          : `${percent(original.target)} take at most ${formatMilliseconds(original.bound / 1000)}`}
        <span className="under">{original.name}</span>
      </>
    ),
  },
  {
    id: 'good',
    header: 'Kept by',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (
      <>
        {original.good === undefined ? <span className="quiet">no data</span> : percent(original.good)}
        <span className="under">of {formatCount(original.answers)}</span>
      </>
    ),
  },
  {
    id: 'left',
    header: 'Budget left',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (
      <Status
        tone={
          original.answers === 0 ? 'none' : original.left <= 0 ? 'failing' : original.left < 0.25 ? 'warning' : 'ok'
        }
      >
        {original.left <= 0 ? 'none' : percent(Math.round(original.left * 1000) / 1000)}
      </Status>
    ),
  },
  ...SHOWN.map(
    (over): Column<ObjectiveState> => ({
      id: `burn-${over}`,
      header: `Burn over ${over >= DAY ? `${over / DAY} days` : `${over / HOUR} h`}`,
      meta: { look: 'number' },
      cell: ({ row: { original } }) => {
        const burn = original.burns.find((one) => one.over === over)
        return burn === undefined || burn.answers === 0 ? (
          <span className="quiet">no data</span>
        ) : (
          `${formatRate(burn.rate)}×`
        )
      },
    }),
  ),
]
