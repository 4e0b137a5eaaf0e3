import { TruelineError } from '../../core/errors.ts'
import { normalProbability, normalQuantile } from '../distributions.ts'

/** A difference with its uncertainty, to be held against any bound at any level. */
export interface TestedDifference {
  readonly value: number
  readonly standardError: number
  /** Below which the true difference lies with a chance of at most `alpha`: the one-sided lower bound at 1 - alpha. */
  lower(alpha: number): number
  upper(alpha: number): number
  /** The chance of so high a value if the true difference were `bound`: small, and the difference lies above it. */
  pAbove(bound: number): number
  pBelow(bound: number): number
}

/**
 * A difference whose error is normal but estimated from few rows or clusters: Student's distribution, by the
 * transformation to a normal deviate of Abramowitz and Stegun (1964), 26.7.8, whose bounds are up to 1% too wide at 95%
 * from ten degrees of freedom on, and wider further out, never too narrow. With an error of 0 the difference is known.
 *
 * @throws `invalid_parameter` for a negative error, or fewer than one degree of freedom.
 */
export function studentDifference(value: number, standardError: number, degreesOfFreedom: number): TestedDifference {
  if (!(standardError >= 0 && degreesOfFreedom >= 1))
    throw new TruelineError('invalid_parameter', `An error of ${standardError} on ${degreesOfFreedom} degrees is none.`)
  const above = (bound: number): number => {
    if (standardError === 0)
      return value > bound ? Number.POSITIVE_INFINITY : value < bound ? Number.NEGATIVE_INFINITY : 0
    return deviateOfStudent((value - bound) / standardError, degreesOfFreedom)
  }
  const halfWidth = (alpha: number): number => studentQuantile(1 - alpha, degreesOfFreedom) * standardError
  return {
    ...{ value, standardError },
    lower: (alpha) => value - halfWidth(alpha),
    upper: (alpha) => value + halfWidth(alpha),
    pAbove: (bound) => tail(above(bound)),
    pBelow: (bound) => tail(-above(bound)),
  }
}

/**
 * A difference of two shares, from -1 to 1, that is held against each bound by a test of its own.
 *
 * @param above how far it lies above a bound, as a normal deviate that falls as the bound rises
 */
export function scoredDifference(
  value: number,
  standardError: number,
  above: (bound: number) => number,
): TestedDifference {
  return {
    ...{ value, standardError },
    lower: (alpha) => boundWhere(above, normalQuantile(1 - alpha)),
    upper: (alpha) => boundWhere(above, normalQuantile(alpha)),
    pAbove: (bound) => tail(above(bound)),
    pBelow: (bound) => tail(-above(bound)),
  }
}

function boundWhere(above: (bound: number) => number, deviate: number): number {
  let low = -1
  let high = 1
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (above(middle) > deviate) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The normal deviate with the tail of a Student's t. */
export function deviateOfStudent(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return t
  return (t * (1 - 1 / (4 * degreesOfFreedom))) / Math.sqrt(1 + t ** 2 / (2 * degreesOfFreedom))
}

/** Student's quantile for a probability, by the same transformation; a million where it is too far out for it. */
export function studentQuantile(probability: number, degreesOfFreedom: number): number {
  const deviate = normalQuantile(probability)
  const room = (1 - 1 / (4 * degreesOfFreedom)) ** 2 - deviate ** 2 / (2 * degreesOfFreedom)
  return room > 0 ? deviate / Math.sqrt(room) : Math.sign(deviate) * FAR
}

/** So many standard errors are beyond any doubt, and still a number. */
const FAR = 1e6

/** The chance that a normal deviate is at least so high. */
export function tail(deviate: number): number {
  return normalProbability(-deviate)
}
