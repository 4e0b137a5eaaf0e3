import { asTruelineError, TruelineError } from '../../core/errors.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import type { Explanation, VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { contrastedClasses, isAdverse, owedReasons } from '../../operate/serving/adverse-reasons.ts'
import type { Answered } from '../../operate/serving/model-serving.ts'
import type { ServedVersion } from '../../operate/serving/served-version.ts'
import type { ExplanationAnswer } from '../api/explanation-answers.ts'
import type { PredictionAnswer, PredictOptions, ReasonAnswer, ScoredAnswer } from '../api/prediction-answers.ts'
import type { Parts } from './assemble-platform.ts'
import { type Explaining, shownExplanation } from './explaining.ts'

/** To explain a row takes as long as to score hundreds, and each keeps its vector until then. */
const MOST_EXPLAINED = 1000
/** Contributions that an answer lists unless it is asked for another number. */
const USUAL_MOST = 10

/** What is explained of the answers to one request, after its rows were scored. */
export interface RowExplaining {
  /** Keeps what is needed to explain an answer, if it is to be explained. */
  keep(answer: ScoredAnswer, answered: Answered): void
  /** Explains the answers that were kept, in their places. When the deadline is over the rest keep their scores, and say so. */
  explain(predictions: PredictionAnswer[]): Promise<void>
}

interface Kept {
  readonly values: Float64Array
  readonly isAdverse: boolean
  /** Of a model of several classes the place of the likeliest one, which is explained. */
  readonly output: number
  /** Of an adverse decision by the likeliest of several classes the place of the class that it is held against. */
  readonly against?: number
}

/**
 * Explains answers of a version; undefined where nothing was asked that needs it.
 * @param rows how many are asked about
 * @throws TruelineError `invalid_request` for more than are explained at once
 */
export function explainRows(
  served: ServedVersion,
  rows: number,
  { explain = false, reasons = false, deadline = Number.POSITIVE_INFINITY }: PredictOptions,
  { explaining, clock, protection }: Pick<Parts, 'clock' | 'protection'> & { readonly explaining: Explaining },
): RowExplaining | undefined {
  const { serve, label } = served.model
  const adverse = reasons ? serve.adverse : undefined
  if (explain === false && adverse === undefined) return undefined
  if (rows > MOST_EXPLAINED)
    throw new TruelineError('invalid_request', `At most ${MOST_EXPLAINED} rows of a request are explained.`, {
      ...(explain === false
        ? { path: 'reasons', remedy: 'Ask about fewer rows at once: their adverse decisions are owed explanations.' }
        : { path: 'explain', remedy: 'Ask about fewer rows at once.' }),
    })
  const names = served.plan.inputs.map(({ name }) => name)
  const most = explain === true ? USUAL_MOST : Number(explain)
  const kept = new Map<PredictionAnswer, Kept>()

  function explained(answer: ScoredAnswer, one: Kept, explainer: VectorExplainer | TruelineError): PredictionAnswer {
    const found = (against?: number) =>
      explainer instanceof TruelineError ? explainer : explainer.explain(one.values, 0, one.output, against)
    const { against } = one
    const explanation = most > 0 || against === undefined ? found() : undefined
    const owed = (): readonly ReasonAnswer[] =>
      against === undefined
        ? owedReasons(serve, names, explanation!)
        : owedReasons(serve, names, found(against), label.classes![against])
    return {
      ...answer,
      ...(one.isAdverse ? { reasons: [...(answer.reasons ?? []), ...owed()] } : {}),
      ...(most > 0 ? { explanation: shown(explanation!, explainer, one) } : {}),
    }
  }

  function shown(
    explanation: Explanation | TruelineError,
    explainer: VectorExplainer | TruelineError,
    { output }: Kept,
  ): ExplanationAnswer {
    if (explanation instanceof TruelineError) return explanation.toJSON()
    return shownExplanation(names, explanation, explainer as VectorExplainer, most, label.classes?.[output])
  }

  return {
    keep(answer, { verdict, vector, probabilities }) {
      const adversely = isAdverse(adverse, verdict)
      // The vector holds only until the next prediction.
      if (most === 0 && !adversely) return
      const output = probabilities === undefined ? 0 : likeliest(probabilities, 0, probabilities.length)
      const between =
        adversely && label.classes !== undefined
          ? contrastedClasses(adverse!, label.classes, probabilities!)
          : { output }
      kept.set(answer, { values: vector.values.slice(), isAdverse: adversely, ...between })
    },
    async explain(predictions) {
      if (kept.size === 0) return
      const explainer = await explaining.of(served).catch(asTruelineError)
      const work = protection.slices.begin()
      for (const [place, answer] of predictions.entries()) {
        const one = kept.get(answer)
        if (one === undefined) continue
        if (work.isOver()) await work.next()
        const isLate = clock.elapsed() >= deadline
        predictions[place] = explained(answer as ScoredAnswer, one, isLate ? protection.late() : explainer)
      }
    },
  }
}
