import { type ReactNode, useEffect } from 'react'
import type { SimulationAnswer } from '../../../src/platform/api/contract.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { breakable } from '../components/breakable.tsx'
import { Command } from '../components/command.tsx'
import { type Column, DataTable } from '../components/data-table.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { formatCount, formatInterval, formatScore, metricWords } from '../format/number.ts'
import { formatDuration, formatTime } from '../format/time.ts'
import { modelLink } from '../route.ts'
import { PolicyStrips } from './policy-strips.tsx'

type Policy = SimulationAnswer['policies'][number]

interface SimulationPageProps {
  readonly number: number
  readonly zone: string
  readonly query: URLSearchParams
}

/** One comparison of policies of retraining: what each cost, and how good what it served was over time. */
export function SimulationPage({ number, zone, query }: SimulationPageProps): ReactNode {
  // What was compared never changes.
  const { data, error } = useReading<SimulationAnswer>(`api/v1/simulations/${number}`, {}, false)
  useEffect(() => {
    document.title = `Simulation ${number} · Trueline`
  }, [number])
  if (data === undefined)
    return (
      <>
        <Opening
          sentence={error === null ? `Reading simulation ${number} …` : `Simulation ${number} cannot be shown.`}
        />
        {error !== null && <Problem error={error} />}
      </>
    )
  return (
    <>
      <Opening sentence={data.sentence} facts={factsOf(data, zone, query)} />
      <Panel title="What each cost and brought" note="over the whole stretch of history, by the outcomes that came">
        <DataTable
          caption="What each policy of retraining cost and brought"
          columns={columns}
          rows={data.policies}
          idOf={({ policy }) => policy}
          empty="Nothing was compared."
        />
        <div className="foot">
          The same on the command line:
          <Command line={commands.showSimulation(number)} />
        </div>
      </Panel>
      <Panel title="Over time" note="a strip for each policy; the others are held against the first">
        <PolicyStrips simulation={data} zone={zone} query={query} />
      </Panel>
    </>
  )
}

function factsOf(
  { model, from, until, at, by, program }: SimulationAnswer,
  zone: string,
  query: URLSearchParams,
): readonly (readonly [string, ReactNode])[] {
  return [
    [
      'Model',
      <a key="model" href={modelLink(model, query)}>
        {breakable(model)}
      </a>,
    ],
    ['History', `${formatTime(from, zone)} to ${formatTime(until, zone)}`],
    ['Compared', `${formatTime(at, zone)} by ${by}`],
    ['Program', program],
  ]
}

const columns: readonly Column<Policy>[] = [
  {
    id: 'policy',
    header: 'Policy',
    cell: ({ row: { original } }) => (
      <>
        <strong>{breakable(original.policy)}</strong>
        <span className="under">{policyWords(original.retrain)}</span>
      </>
    ),
  },
  {
    id: 'metric',
    header: 'Metric of the gate',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => {
      const { value, low, high, labelled } = original.overall
      if (value === null) return <span className="quiet">not enough data</span>
      const interval = low === undefined || high === undefined ? '' : `${formatInterval(low, high)}, `
      return (
        <>
          {metricWords(original.metric)} {formatScore(value)}
          <span className="under">
            {interval}
            {formatCount(labelled)} outcomes
          </span>
        </>
      )
    },
  },
  {
    id: 'runs',
    header: 'Trainings',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (
      <>
        {formatCount(original.runs)}
        {original.failed > 0 && <span className="under">{formatCount(original.failed)} failed</span>}
      </>
    ),
  },
  {
    id: 'seconds',
    header: 'Took, s',
    meta: { look: 'number' },
    cell: ({ row }) =>
      row.original.seconds < 10 ? row.original.seconds.toFixed(1) : formatCount(row.original.seconds),
  },
  {
    id: 'promotions',
    header: 'Promoted',
    meta: { look: 'number' },
    cell: ({ row: { original } }) => (
      <>
        {formatCount(original.promotions)}
        {original.reverted > 0 && <span className="under">{formatCount(original.reverted)} taken back</span>}
      </>
    ),
  },
  {
    id: 'alerts',
    header: 'Alerts',
    meta: { look: 'number' },
    cell: ({ row }) => formatCount(row.original.alerts),
  },
]

/** What leads to a training by a policy. */
function policyWords({ schedule, zone, onDrift, onPerformance, onNewLabels, ...rest }: Policy['retrain']): string {
  const words = [
    ...(schedule === undefined ? [] : [`schedule ${schedule}${zone === undefined ? '' : ` ${zone}`}`]),
    ...(onDrift === undefined ? [] : [`on drift for ${formatDuration(onDrift.for)}`]),
    ...(onPerformance === undefined ? [] : [`on performance for ${formatDuration(onPerformance.for)}`]),
    ...(onNewLabels === undefined ? [] : [`on ${formatCount(onNewLabels)} new labels`]),
    ...(rest.continuous === undefined ? [] : [`in steps every ${formatDuration(rest.continuous.every)}`]),
  ]
  if (words.length === 0) return 'never on its own'
  const bounds = [
    ...(rest.cooldown === undefined ? [] : [`rests ${formatDuration(rest.cooldown)}`]),
    ...(rest.budget === undefined ? [] : [`at most ${rest.budget.runs} in ${formatDuration(rest.budget.per)}`]),
  ]
  return [...words, ...bounds].join(', ')
}
