import { type ReactNode, useEffect } from 'react'
import type { Fleet, RetrainingStatus } from '../../../src/platform/api/contract.ts'
import { pollInterval } from '../api/queries.ts'
import { useReading } from '../api/reading.ts'
import { commands } from '../commands.ts'
import { type Action, ActionList } from '../components/action-list.tsx'
import { Opening } from '../components/opening.tsx'
import { Panel } from '../components/panel.tsx'
import { Problem } from '../components/problem.tsx'
import { RetrainingDecisions } from './retraining-decisions.tsx'
import { PolicyTable } from './retraining-policies.tsx'
import { StepTable } from './retraining-steps.tsx'
import { SimulationTable } from './simulation-table.tsx'

interface RetrainingPageProps {
  readonly fleet: Fleet | undefined
  readonly zone: string
  readonly query: URLSearchParams
}

/** When models are trained without anybody asking: what each policy waits for, and what triggers led to. */
export function RetrainingPage({ fleet, zone, query }: RetrainingPageProps): ReactNode {
  const poll = pollInterval(fleet)
  const { data, error } = useReading<readonly RetrainingStatus[]>('api/v1/retraining', {}, poll)
  useEffect(() => {
    document.title = 'Retraining · Trueline'
  }, [])
  if (data === undefined)
    return (
      <>
        <Opening sentence={error === null ? 'Reading the policies …' : 'The policies of retraining cannot be read.'} />
        {error !== null && <Problem error={error} />}
      </>
    )
  const steps = data.filter(({ policy }) => policy.continuous !== undefined)
  return (
    <>
      <Opening sentence={sentenceOf(data)} />
      <PolicyTable models={data} zone={zone} query={query} />
      {steps.length > 0 && <StepTable models={steps} zone={zone} query={query} />}
      <RetrainingDecisions models={data.map(({ model }) => model)} zone={zone} query={query} poll={poll} />
      <SimulationTable models={data.map(({ model }) => model)} zone={zone} query={query} poll={poll} />
      {data.length > 0 && (
        <Panel title="Actions" note="this page only reads: each command line does it">
          <div className="body">
            <ActionList actions={actionsOf(data)} />
          </div>
        </Panel>
      )}
    </>
  )
}

/** The state of retraining in plain words: what waits for people first. */
function sentenceOf(models: readonly RetrainingStatus[]): string {
  if (models.length === 0) return 'No model is defined yet.'
  const own = models.filter(({ triggers }) => triggers.length > 0).length
  const what =
    own === 0
      ? 'No model is retrained on its own.'
      : `${own} of ${models.length} ${models.length === 1 ? 'model' : 'models'} ${own === 1 ? 'is' : 'are'} retrained on ${own === 1 ? 'its' : 'their'} own.`
  const told = [
    ...models.map(({ model, waiting }) => waiting && `${model} v${waiting.version} waits for a decision.`),
    ...models.map(({ model, held }) => held && `The new rows of ${model} are not learnt from.`),
    ...models.map(({ model, canary }) => canary && `${model} v${canary.version} is compared with v${canary.previous}.`),
    ...models.map(({ model, isUnderWay }) => isUnderWay && `${model} is being retrained.`),
  ].filter((sentence) => typeof sentence === 'string')
  const shown = told.slice(0, 3)
  const others = told.length - shown.length
  return [
    what,
    ...shown,
    ...(others === 0 ? [] : [`${others} more ${others === 1 ? 'thing is' : 'things are'} below.`]),
  ].join(' ')
}

/** What can be done: decisions that are waited for first, then a training that somebody asks for. */
function actionsOf(models: readonly RetrainingStatus[]): readonly Action[] {
  const decisions = models.flatMap(({ model, waiting }): Action[] =>
    waiting === null
      ? []
      : [
          {
            name: 'Approve',
            effect: `Says of ${model} v${waiting.version} that it may serve; by somebody who did not make it.`,
            line: commands.approve(model, waiting.version),
          },
          {
            name: 'Promote',
            effect: `Once it is approved, ${model} v${waiting.version} serves all requests from then on.`,
            line: commands.promote(model, waiting.version),
          },
          {
            name: 'Reject',
            effect: `${model} v${waiting.version} never serves; what serves now stays, and the alert is resolved.`,
            line: commands.reject(model, waiting.version),
          },
        ],
  )
  const [first] = models
  if (first === undefined) return decisions
  return [
    ...decisions,
    {
      name: 'Retrain now',
      effect: `Trains ${first.model} at once, whatever its cooldown and budget say; its policy decides what becomes of the candidate.`,
      line: commands.retrain(first.model),
    },
    {
      name: 'Compare policies',
      effect: `Lives through the history of ${first.model} with other policies: what each would have cost, and how good what it served would have been.`,
      line: commands.simulate(first.model),
    },
  ]
}
