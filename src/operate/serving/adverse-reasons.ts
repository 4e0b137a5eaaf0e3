import { TruelineError } from '../../core/errors.ts'
import { adverseDirection } from '../../language/define/adverse-direction.ts'
import type { AdverseDefinition } from '../../language/define/decision-definition.ts'
import type { ServeDefinition } from '../../language/define/definitions.ts'
import type { Explanation } from '../../models/inference/explain/vector-explainer.ts'
import type { Verdict } from './verdict.ts'

/** An input that moved a score towards an adverse decision. */
export interface AdverseReason {
  readonly code: 'raised_by' | 'lowered_by'
  readonly feature: string
  /** In the unit of the margin: above 0 for what raised the score. */
  readonly contribution: number
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

/** Codes that adverse decisions carry. */
export function adverseCodes({ decision, adverse }: ServeDefinition): readonly string[] {
  const direction =
    decision === undefined || adverse === undefined ? undefined : adverseDirection(decision, adverse.decisions)
  return direction === undefined ? [] : [codeOf[direction], 'explanation_unavailable', 'deadline_exceeded']
}

/** What an adverse decision says after the code of its verdict: the inputs that led to it, or why they cannot be said. */
export function owedReasons(
  serve: ServeDefinition,
  names: readonly string[],
  explained: Explanation | TruelineError,
): readonly (AdverseReason | { readonly code: string; readonly text: string })[] {
  if (explained instanceof TruelineError) return [{ code: explained.code, text: explained.message }]
  return adverseReasons(serve, names, explained)
}

/**
 * The principal reasons of an adverse decision: the inputs that moved the score towards it, against what is expected of the training
 * rows, most first.
 * @param names of the inputs, in the order of the vector
 */
export function adverseReasons(
  { decision, adverse }: ServeDefinition,
  names: readonly string[],
  { contributions }: Explanation,
): readonly AdverseReason[] {
  const { decisions, most = USUAL_MOST, texts = {} } = adverse!
  const direction = adverseDirection(decision!, decisions)
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
      ...(Object.hasOwn(texts, feature) ? { text: texts[feature]! } : {}),
    }))
}
