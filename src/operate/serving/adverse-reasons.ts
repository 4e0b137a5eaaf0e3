import { TruelineError } from '../../core/errors.ts'
import { likeliest } from '../../core/math/likeliest.ts'
import { type AdverseDirection, adverseDirection } from '../../language/define/adverse-direction.ts'
import { isOfClasses } from '../../language/define/decision-bands.ts'
import type { AdverseDefinition } from '../../language/define/decision-definition.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import type { Explanation } from '../../models/inference/explain/vector-explainer.ts'
import type { Verdict } from './verdict.ts'

/** An input that moved a score, or the likeliest of several classes, towards an adverse decision. */
export interface AdverseReason {
  readonly code: 'raised_by' | 'lowered_by'
  readonly feature: string
  /** In the unit of the margin: above 0 for what raised the score; of classes, of that decided above that of `against`. */
  readonly contribution: number
  /** Of several classes the likeliest one that is not adverse, which it would have been otherwise. */
  readonly against?: string
  readonly text?: string
}

/** Reasons of an answer where its model does not say how many. */
export const USUAL_MOST = 4
const codeOf = { up: 'raised_by', down: 'lowered_by' } as const

/** Whether a verdict is an adverse one that the score led to: one that a rule made has the rule for its reason. */
export function isAdverse(
  adverse: AdverseDefinition | undefined,
  { decision, decidedBy }: Pick<Verdict, 'decision' | 'decidedBy'>,
): boolean {
  return decidedBy === undefined && decision !== undefined && adverse?.decisions.includes(decision) === true
}

/** Places of two of several classes: the likeliest, and the likeliest of those that are not adverse. */
export interface ContrastedClasses {
  readonly output: number
  readonly against: number
}

/**
 * Between which classes the reasons of an adverse decision lie: what made a class the likeliest is what raised its margin above that of the
 * class that it would have been otherwise. The margin of one class alone says nothing, as what raises all of them changes no probability.
 * @param probabilities of all classes, those of a row from a place on
 */
export function contrastedClasses(
  { decisions }: AdverseDefinition,
  classes: readonly string[],
  probabilities: Float64Array,
  from = 0,
): ContrastedClasses {
  const others = classes.flatMap((name, place) => (decisions.includes(name) ? [] : [place]))
  const foils = Float64Array.from(others, (place) => probabilities[from + place]!)
  return {
    output: likeliest(probabilities, from, classes.length),
    against: others[likeliest(foils, 0, foils.length)]!,
  }
}

/** Codes that adverse decisions carry. */
export function adverseCodes(serve: ServeDefinition): readonly string[] {
  const direction = directionOf(serve)
  return direction === undefined ? [] : [codeOf[direction], 'explanation_unavailable', 'deadline_exceeded']
}

/** Without a decision by the score it is the likeliest class, and what raises that is adverse. */
function directionOf({ decision, adverse }: ServeDefinition): AdverseDirection | undefined {
  if (adverse === undefined) return undefined
  if (decision === undefined) return 'up'
  return isOfClasses(decision) ? undefined : adverseDirection(decision, adverse.decisions)
}

/**
 * What an adverse decision says after the code of its verdict: the inputs that led to it, or why they cannot be said.
 * @param against of several classes the name of that in {@link ContrastedClasses}
 */
export function owedReasons(
  serve: ServeDefinition,
  names: readonly string[],
  explained: Explanation | TruelineError,
  against?: string,
): readonly (AdverseReason | { readonly code: string; readonly text: string })[] {
  if (explained instanceof TruelineError) return [{ code: explained.code, text: explained.message }]
  return adverseReasons(serve, names, explained, against)
}

/**
 * The principal reasons of an adverse decision: the inputs that moved the score towards it, against what is expected of the training
 * rows, most first.
 * @param names of the inputs, in the order of the vector
 * @param against of several classes the name of that in {@link ContrastedClasses}, above whose margin that of the other is explained
 */
export function adverseReasons(
  serve: ServeDefinition,
  names: readonly string[],
  { contributions }: Explanation,
  against?: string,
): readonly AdverseReason[] {
  const { most = USUAL_MOST, texts = {} } = serve.adverse!
  const direction = directionOf(serve)
  if (direction === undefined) return []
  const sign = direction === 'up' ? 1 : -1
  const towards = names.flatMap((feature, input) => {
    const contribution = contributions[input]!
    return sign * contribution > 0 ? [{ feature, contribution }] : []
  })
  return towards
    .sort((a, b) => sign * (b.contribution - a.contribution))
    .slice(0, most)
    .map(({ feature, contribution }) => ({
      ...{ code: codeOf[direction], feature, contribution },
      ...(against === undefined ? {} : { against }),
      ...(Object.hasOwn(texts, feature) ? { text: texts[feature]! } : {}),
    }))
}
