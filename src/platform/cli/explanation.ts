import type { ExplanationAnswer } from '../api/explanation-answers.ts'
import type { ReasonAnswer } from '../api/prediction-answers.ts'
import { printLine } from './output.ts'

const units = {
  log_odds: 'in log-odds',
  score: 'in the unit of the score',
  log_score: 'in logarithms of the score',
  margin: "in the model's own unit",
} as const

/** A number with its sign, which says which way it moved the score. */
export function signed(number: number): string {
  return `${number < 0 ? '-' : '+'}${Math.abs(number).toFixed(4)}`
}

/** The heading over what each input moved a score by: of a model of several classes it is that of one of them. */
export function movedHeading(explanation: ExplanationAnswer): string {
  const of = 'error' in explanation ? undefined : explanation.class
  return of === undefined ? 'moved score' : `moved score of '${of}'`
}

/** Why it was decided so, in one line. */
export function reasonWords({ code, text, feature, contribution, against }: ReasonAnswer): string {
  const foil = against === undefined ? '' : ` against ${against}`
  const what =
    feature === undefined || contribution === undefined ? code : `${code} ${feature} (${signed(contribution)}${foil})`
  return text === undefined ? what : `${what}: ${text}`
}

/** Prints what each input moved a score by. */
export function printExplanation(explanation: ExplanationAnswer): void {
  if ('error' in explanation) {
    printLine(`  not explained (${explanation.code}): ${explanation.error}`)
    return
  }
  const { class: of, unit, base, margin, contributions, others } = explanation
  if (of !== undefined) printLine(`  of the class '${of}':`)
  printLine(`  from ${base.toFixed(4)}, what is expected of any row, to ${margin.toFixed(4)}, ${units[unit]}:`)
  for (const { feature, contribution } of contributions) printLine(`  ${signed(contribution).padStart(10)}  ${feature}`)
  if (others !== undefined)
    printLine(
      `  ${signed(others.contribution).padStart(10)}  ${others.features} other feature${others.features === 1 ? '' : 's'}`,
    )
}
