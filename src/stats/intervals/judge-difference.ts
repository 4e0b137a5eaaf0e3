import { TruelineError } from '../../core/errors.ts'
import { holm } from './holm.ts'
import type { TestedDifference } from './tested-difference.ts'

/**
 * What is asked of a candidate: to be `non-inferior`, at most `margin` worse, or `superior`, more than `margin` better.
 * The margin is 0 or above, in the unit of the metric.
 */
export interface DifferenceRequirement {
  readonly kind: 'non-inferior' | 'superior'
  readonly margin: number
}

/** Pass and fail are certain, each but for a chance of alpha; what is neither is insufficient, and never a pass. */
export interface DifferenceVerdict {
  readonly verdict: 'pass' | 'fail' | 'insufficient'
  /** One plain sentence. */
  readonly reason: string
}

/**
 * Judges a difference, turned so that above 0 is better, by two one-sided tests: pass when its lower bound at 1 - alpha
 * meets the requirement, fail when its upper bound does not, insufficient when the requirement lies between them, or
 * when nothing could be tested.
 *
 * @example
 * ```ts
 * const auc = delongDifference(labels, candidate, champion)
 * judgeDifference(auc, { kind: 'non-inferior', margin: 0.002 }, 0.05).verdict
 * ```
 * @throws `invalid_parameter` for a negative margin, or an alpha that is not above 0 and below one half.
 */
export function judgeDifference(
  evidence: TestedDifference | undefined,
  requirement: DifferenceRequirement,
  alpha: number,
): DifferenceVerdict {
  return judgeDifferences([evidence], requirement, alpha)[0]!
}

/**
 * Judges several differences by one requirement: the chance that any of them passes wrongly is at most alpha, and so is
 * the chance that any fails wrongly (Holm 1979).
 *
 * @throws as {@link judgeDifference} does.
 */
export function judgeDifferences(
  evidence: readonly (TestedDifference | undefined)[],
  requirement: DifferenceRequirement,
  alpha: number,
): DifferenceVerdict[] {
  const { margin } = requirement
  if (!(margin >= 0)) throw new TruelineError('invalid_parameter', `A margin of ${margin} is not 0 or above.`)
  if (!(alpha > 0 && alpha < 0.5))
    throw new TruelineError('invalid_parameter', `An alpha of ${alpha} does not lie between 0 and one half.`)
  const met = holm(evidence.map((one) => (one === undefined ? 1 : chanceWhenUnmet(one, requirement))))
  const unmet = holm(evidence.map((one) => (one === undefined ? 1 : chanceWhenMet(one, requirement))))
  return evidence.map((one, index) => {
    if (one === undefined)
      return {
        verdict: 'insufficient',
        reason: 'No interval could be computed: there are too few rows, or one class only.',
      }
    const verdict = met[index]! <= alpha ? 'pass' : unmet[index]! <= alpha ? 'fail' : 'insufficient'
    return { verdict, reason: reasonOf(verdict, one, requirement, alpha, evidence.length) }
  })
}

function boundOf({ kind, margin }: DifferenceRequirement): number {
  return kind === 'superior' ? margin : -margin
}

/** A difference that is known to lie at the bound is "at most worse" but not "more than better". */
function isMet({ value }: TestedDifference, requirement: DifferenceRequirement): boolean {
  const bound = boundOf(requirement)
  return requirement.kind === 'superior' ? value > bound : value >= bound
}

function chanceWhenUnmet(evidence: TestedDifference, requirement: DifferenceRequirement): number {
  if (evidence.standardError === 0) return isMet(evidence, requirement) ? 0 : 1
  return evidence.pAbove(boundOf(requirement))
}

function chanceWhenMet(evidence: TestedDifference, requirement: DifferenceRequirement): number {
  if (evidence.standardError === 0) return isMet(evidence, requirement) ? 1 : 0
  return evidence.pBelow(boundOf(requirement))
}

function reasonOf(
  verdict: DifferenceVerdict['verdict'],
  evidence: TestedDifference,
  { kind, margin }: DifferenceRequirement,
  alpha: number,
  among: number,
): string {
  const required = requirementInWords(kind, margin)
  const [low, high] = [evidence.lower(alpha), evidence.upper(alpha)]
  const many = among === 1 ? '' : `, one of ${among}`
  // A sign would tell the wrong way round of a loss, of which less is better.
  const [way, least, most] = evidence.value < 0 ? ['Worse', -high, -low] : ['Better', low, high]
  const bounds = `by ${digits(least)} to ${digits(most)}, each bound at ${digits(100 * (1 - alpha))}% confidence${many}`
  const measured = `${way} by ${digits(Math.abs(evidence.value))} (${bounds})`
  if (verdict === 'pass') return `${measured}: surely ${required}.`
  if (verdict === 'fail') return `${measured}: surely not ${required}.`
  return `${measured}: too uncertain to say that it is ${required}.`
}

function requirementInWords(kind: DifferenceRequirement['kind'], margin: number): string {
  if (margin === 0) return kind === 'superior' ? 'better' : 'not worse'
  return kind === 'superior' ? `more than ${digits(margin)} better` : `at most ${digits(margin)} worse`
}

/** Up to four significant digits, without an exponent for the sizes that metrics have. */
function digits(value: number): string {
  return String(Number(value.toPrecision(4)))
}
