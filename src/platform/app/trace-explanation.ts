import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import { adverseReasons, contrastedClasses, isAdverse } from '../../operate/serving/adverse-reasons.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { Prediction } from '../../stores/log/prediction-block.ts'
import type { TraceAnswer } from '../api/truth-answers.ts'
import { type Explaining, shownExplanation } from './explaining.ts'

/** What each input moved a logged score by, and the reasons of a decision that is owed some; or why that cannot be said. */
export async function traceExplanation(
  explaining: Explaining,
  version: ServedVersion,
  { values, layout, decision, decidedBy, probabilities }: Prediction,
): Promise<Pick<TraceAnswer, 'explanation' | 'adverse'>> {
  const { serve, label } = version.model
  const names = version.plan.inputs.map(({ name }) => name)
  try {
    if (layout.masks !== undefined && layout.masks.features.length > 0)
      throw new TruelineError(
        'explanation_unavailable',
        'The log has not all that the score was made from: some of it is masked.',
        { path: layout.model, remedy: 'Ask for the explanation with the prediction: `explain`.' },
      )
    const explainer = await explaining.of(version)
    const output = probabilities === undefined ? 0 : likeliest(probabilities, 0, probabilities.length)
    const explanation = explainer.explain(values, 0, output)
    const isOwed = isAdverse(serve.adverse, { decision, decidedBy })
    const between =
      isOwed && label.classes !== undefined
        ? contrastedClasses(serve.adverse!, label.classes, probabilities!)
        : undefined
    const owed = between === undefined ? explanation : explainer.explain(values, 0, between.output, between.against)
    return {
      explanation: shownExplanation(names, explanation, explainer, names.length, layout.classes?.[output]),
      ...(isOwed ? { adverse: adverseReasons(serve, names, owed, between && label.classes![between.against]) } : {}),
    }
  } catch (thrown) {
    return { explanation: asTruelineError(thrown).toJSON() }
  }
}
