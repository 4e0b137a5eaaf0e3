import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { Steps } from '../../core/slices.ts'
import type { Explanation, VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { type ContrastedClasses, contrastedClasses, isAdverse, owedReasons } from './adverse-reasons.ts'
import { scoreFault } from './score-fault.ts'
import type { ServedVersion } from './served-version.ts'
import type { ColumnOutcomes } from './vector-scoring.ts'

/**
 * Why each row was decided so, as a text of JSON: the list that an answer over HTTP has for the same row with
 * `"reasons": true`. Each explained row is a step; one that cannot be explained says so, and harms no other.
 * @param explainer or why there is none, which adverse decisions then say in place of their inputs
 * @param values one column an input
 */
export function* reasonTexts(
  { model: { serve, label }, plan }: Pick<ServedVersion, 'model' | 'plan'>,
  explainer: VectorExplainer | TruelineError,
  values: readonly Float64Array[],
  { scores, probabilities, codes, verdicts }: ColumnOutcomes,
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
    const between =
      label.classes && contrastedClasses(serve.adverse!, label.classes, probabilities!, row * label.classes.length)
    const explained = 'explain' in explainer ? explainedBy(explainer, vector, between) : explainer
    const against = between && label.classes![between.against]
    found.push(JSON.stringify([...reasons[code]!, ...owedReasons(serve, names, explained, against)]))
    yield
  }
  return found
}

function explainedBy(
  explainer: VectorExplainer,
  vector: Float64Array,
  between: ContrastedClasses | undefined,
): Explanation | TruelineError {
  try {
    return explainer.explain(vector, 0, between?.output, between?.against)
  } catch (thrown) {
    return new TruelineError('explanation_unavailable', asTruelineError(thrown).message, { cause: thrown })
  }
}
