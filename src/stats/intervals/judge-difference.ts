import { TruelineError } from '../../core/errors.ts'
import type { Interval } from './estimate.ts'

/** A measured difference, turned so that above 0 is better (for a loss: champion - candidate), with its interval. */
export interface DifferenceEvidence extends Interval {
  readonly value: number
}

/**
 * What is asked of a candidate: to be `non-inferior`, at most `margin` worse, or `superior`, more than `margin` better.
 * The margin is 0 or above, in the unit of the metric.
 */
export interface DifferenceRequirement {
  readonly kind: 'non-inferior' | 'superior'
  readonly margin: number
}

/** Pass and fail are certain at the confidence of the interval; what is neither is insufficient, and never a pass. */
export interface DifferenceVerdict {
  readonly verdict: 'pass' | 'fail' | 'insufficient'
  /** One plain sentence. */
  readonly reason: string
}

/**
 * Judges a difference by its whole interval: pass when all of it meets the requirement, fail when none of it does,
 * insufficient when it lies across, or when no interval could be computed. A 95% interval makes each side a test at 2.5%.
 *
 * @example
 * ```ts
 * const auc = delongDifference(labels, candidate, champion)
 * judgeDifference(auc, { kind: 'non-inferior', margin: 0.002 }).verdict
 * ```
 * @throws `invalid_parameter` for a negative margin, or an interval whose ends are not in order.
 */
export function judgeDifference(
  evidence: DifferenceEvidence | undefined,
  { kind, margin }: DifferenceRequirement,
): DifferenceVerdict {
  if (!(margin >= 0)) throw new TruelineError('invalid_parameter', `A margin of ${margin} is not 0 or above.`)
  if (evidence === undefined) {
    return {
      verdict: 'insufficient',
      reason: 'No interval could be computed: there are too few rows, or one class only.',
    }
  }
  const { value, low, high, confidence } = evidence
  if (!(low <= high)) throw new TruelineError('invalid_parameter', `${low} to ${high} is no interval.`)
  const required = requirementInWords(kind, margin)
  const bound = kind === 'superior' ? margin : -margin
  const measured = `${signed(value)} (${signed(low)} to ${signed(high)} at ${digits(100 * confidence)}% confidence)`
  // An interval that touches the bound is "at most worse" but not "more than better".
  if (kind === 'superior' ? low > bound : low >= bound) {
    return { verdict: 'pass', reason: `The difference is ${measured}: surely ${required}.` }
  }
  if (kind === 'superior' ? high <= bound : high < bound) {
    return { verdict: 'fail', reason: `The difference is ${measured}: surely not ${required}.` }
  }
  return {
    verdict: 'insufficient',
    reason: `The difference is ${measured}: too uncertain to say that it is ${required}.`,
  }
}

function requirementInWords(kind: DifferenceRequirement['kind'], margin: number): string {
  if (margin === 0) return kind === 'superior' ? 'better' : 'not worse'
  return kind === 'superior' ? `more than ${digits(margin)} better` : `at most ${digits(margin)} worse`
}

function signed(value: number): string {
  return value > 0 ? `+${digits(value)}` : digits(value)
}

/** Up to four significant digits, without an exponent for the sizes that metrics have. */
function digits(value: number): string {
  return String(Number(value.toPrecision(4)))
}
