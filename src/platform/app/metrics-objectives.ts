import { formatDuration } from '../../core/time.ts'
import type { Parts } from './assemble-platform.ts'
import { listObjectives } from './health.ts'
import type { MetricFamily, Sample } from './metrics.ts'

/** Figures of what models promise: the target, what is left of the error budget, and how fast it is spent. */
export function addObjectiveMetrics(parts: Parts, gauge: MetricFamily): void {
  const all = () =>
    listObjectives(parts).flatMap(({ model, objectives }) => objectives.map((one) => ({ model, ...one })))
  const labels = ['model', 'objective']
  gauge('trueline_slo_target_ratio', 'Share of answers that must be good', labels, () =>
    all().map(({ model, name, target }): Sample => [{ model, objective: name }, target]),
  )
  gauge('trueline_slo_good_ratio', 'Share of answers that were good over the window of the objective', labels, () =>
    all().flatMap(({ model, name, good }): Sample[] =>
      good === undefined ? [] : [[{ model, objective: name }, good]],
    ),
  )
  gauge('trueline_slo_budget_left_ratio', 'Share of the error budget that is left', labels, () =>
    all().map(({ model, name, left }): Sample => [{ model, objective: name }, left]),
  )
  gauge(
    'trueline_slo_burn_rate',
    'How fast the error budget is spent: 1 spends all of it over the window of the objective',
    [...labels, 'over'],
    () =>
      all().flatMap(({ model, name, burns }) =>
        burns.map(({ over, rate }): Sample => [{ model, objective: name, over: formatDuration(over) }, rate]),
      ),
  )
}
