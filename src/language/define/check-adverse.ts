import { adverseDirection } from './adverse-direction.ts'
import { bandsOf } from './decision-bands.ts'
import type { AdverseDefinition, ScoreDecision } from './decision-definition.ts'
import type { Mistakes } from './mistakes.ts'

const PLACE = 'serve.adverse'
/** More than that are no principal reasons any more. */
const MOST_REASONS = 20

/**
 * Checks which decisions are owed reasons.
 * @param decision by the score; a model of several classes has none, and decides for the likeliest
 * @param inputs names of what the model takes
 */
export function checkAdverse(
  { decisions, most, texts = {} }: AdverseDefinition,
  decision: ScoreDecision | undefined,
  inputs: readonly string[],
  mistakes: Mistakes,
  classes?: readonly string[],
): void {
  const wrong = (message: string): void => mistakes.add('definition_invalid', PLACE, message)
  if (most !== undefined && !(Number.isInteger(most) && most >= 1 && most <= MOST_REASONS))
    wrong(`There can be 1 to ${MOST_REASONS} reasons, not ${most}.`)
  for (const input of Object.keys(texts)) mistakes.known('unknown_feature', PLACE, 'input', input, inputs)
  if (classes !== undefined) {
    for (const name of decisions) mistakes.known('definition_invalid', PLACE, 'class', name, classes)
    const isSome = decisions.length > 0 && !classes.every((name) => decisions.includes(name))
    if (!isSome)
      wrong('Adverse decisions are some of the classes, and not all: reasons are why it is none of the others.')
    return
  }
  if (decision === undefined) {
    wrong('The model decides nothing by its score, so that no input leads to a decision.')
    return
  }
  const named = bandsOf(decision).map((band) => band.decision)
  for (const name of decisions) mistakes.known('definition_invalid', PLACE, 'decision', name, named)
  if (decisions.every((name) => named.includes(name)) && adverseDirection(decision, decisions) === undefined)
    wrong('Adverse decisions are those at one end of the score: all bands above the others, or all below them.')
}
