import { SECOND } from '../../core/time.ts'
import { countDecisions } from '../../operate/retraining/retraining-store.ts'
import type { RetrainingStatus } from '../api/retraining-answers.ts'
import type { Parts } from './assemble-platform.ts'
import type { MetricFamily, Sample } from './metrics.ts'

/** Figures of retraining: what triggers led to, what came of it, and what is under way, waits or is left. */
export function addRetrainingMetrics(
  { metadata }: Pick<Parts, 'metadata'>,
  status: () => Promise<readonly RetrainingStatus[]>,
  counter: MetricFamily,
  gauge: MetricFamily,
): void {
  const counts = shared(() => countDecisions(metadata))
  const standing = shared(status)
  counter(
    'trueline_retraining_decisions_total',
    'What triggers led to: run, or why there was no training',
    ['model', 'trigger', 'decision'],
    async () =>
      (await counts()).decisions.map(
        ({ model, trigger, why, count }): Sample => [{ model, trigger, decision: why ?? 'run' }, count],
      ),
  )
  counter('trueline_retraining_outcomes_total', 'What came of trainings', ['model', 'outcome'], async () =>
    (await counts()).outcomes.map(({ model, outcome, count }): Sample => [{ model, outcome }, count]),
  )
  const each = (value: (one: RetrainingStatus) => number | null | undefined) => async (): Promise<Sample[]> =>
    (await standing()).flatMap((one): Sample[] => {
      const figure = value(one)
      return figure === null || figure === undefined ? [] : [[{ model: one.model }, figure]]
    })
  gauge(
    'trueline_retraining_under_way',
    '1 while a model is retrained',
    ['model'],
    each(({ isUnderWay }) => Number(isUnderWay)),
  )
  gauge(
    'trueline_retraining_waiting',
    '1 while a candidate of retraining waits for a decision',
    ['model'],
    each(({ waiting }) => Number(waiting !== null)),
  )
  gauge(
    'trueline_retraining_budget_left',
    'Trainings that the budget of a policy has left',
    ['model'],
    each(({ budgetLeft }) => budgetLeft),
  )
  gauge(
    'trueline_retraining_new_labels',
    'Labels that were new when they were counted last',
    ['model'],
    each(({ labels }) => labels?.count),
  )
  gauge(
    'trueline_retraining_next_timestamp_seconds',
    'When the schedule of a policy is due next',
    ['model'],
    each(({ triggers }) => {
      const due = triggers.find(({ trigger }) => trigger === 'schedule')?.at
      return due === undefined ? undefined : due / SECOND
    }),
  )
}

/** What is asked for again while it is read is read once: a scrape takes all figures at the same time. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | undefined
  return () => {
    pending ??= read().finally(() => {
      pending = undefined
    })
    return pending
  }
}
