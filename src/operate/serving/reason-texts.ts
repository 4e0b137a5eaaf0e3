import type { TruelineError } from '../../core/errors.ts'
import type { Steps } from '../../core/slices.ts'
import type { VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { isAdverse, owedReasons } from './adverse-reasons.ts'
import { scoreFault } from './score-fault.ts'
import type { ServedVersion } from './served-version.ts'
import type { ColumnOutcomes } from './vector-scoring.ts'

/**
 * Why each row was decided so, as a text of JSON: the list that an answer over HTTP has for the same row with
 * `"reasons": true`. Each explained row is a step.
 * @param explainer or why there is none, which adverse decisions then say in place of their inputs
 * @param values one column an input
 */
export function* reasonTexts(
  { model: { serve }, plan }: Pick<ServedVersion, 'model' | 'plan'>,
  explainer: VectorExplainer | TruelineError,
  values: readonly Float64Array[],
  { scores, codes, verdicts }: ColumnOutcomes,
): Steps<readonly string[]> {
  const names = plan.inputs.map(({ name }) => name)
  const reasons = verdicts.map(({ reason }) => (reason === undefined ? [] : [reason]))
  const texts = reasons.map((list) => JSON.stringify(list))
  const areAdverse = verdicts.map((verdict) => isAdverse(serve.adverse, verdict))
  const vector = new Float64Array(names.length)
  const found: string[] = []
  for (const [row, code] of codes.entries()) {
    if (!areAdverse[code]! || scoreFault(scores[row]!) !== undefined) {
      found.push(texts[code]!)
      continue
    }
    for (let input = 0; input < vector.length; input += 1) vector[input] = values[input]![row]!
    const explained = 'explain' in explainer ? explainer.explain(vector, 0) : explainer
    found.push(JSON.stringify([...reasons[code]!, ...owedReasons(serve, names, explained)]))
    yield
  }
  return found
}
