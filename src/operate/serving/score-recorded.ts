import type { Value } from '../../core/data-type.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'
import type { HandRules } from './hand-rules.ts'
import type { ServedVersion } from './served-version.ts'
import { createVectorScoring, type Outcome } from './vector-scoring.ts'

/**
 * Scores and decides again what is in the log. What the log's history cannot tell, which groups were stale, is taken
 * from what was recorded.
 * @param vector as it was recorded, or made again
 * @param hand the rule by hand that was recorded with it, if one was
 */
export function scoreRecorded(
  served: ServedVersion,
  { row, decidedBy }: Pick<Prediction, 'row' | 'decidedBy'>,
  { values, statuses }: Pick<Prediction, 'values' | 'statuses'>,
  hand?: HandRules,
): Outcome {
  const { model, project, plan } = served
  const asked = JSON.parse(row) as Readonly<Record<string, Value>>
  const rowValues = Object.keys(project.streams[model.at]!.schema).map((name) => asked[name] ?? null)
  const stale = plan.groups.map(({ definition }) => (decidedBy === `stale:${definition.name}` ? 1 : 0))
  return createVectorScoring({ ...served, hand }).score(values, statuses, rowValues, Uint8Array.from(stale))
}
