import { TruelineError } from '../../core/errors.ts'
import { type Interval, standardErrorsWithin } from './estimate.ts'

/**
 * The score interval for a share, `successes` of `rows` (Wilson 1927). It stays inside 0 to 1 and holds its confidence
 * for few rows and for shares near 0 and 1, where the usual normal interval does not. Undefined without rows.
 *
 * @example `wilsonInterval(81, 263) // .2553 to .3662`
 * @throws `invalid_parameter` when `successes` is not between 0 and `rows`, or the confidence not between 0 and 1.
 */
export function wilsonInterval(successes: number, rows: number, confidence = 0.95): Interval | undefined {
  if (!(successes >= 0 && successes <= rows)) {
    throw new TruelineError('invalid_parameter', `${successes} of ${rows} is not a share.`)
  }
  const quantile = standardErrorsWithin(confidence)
  if (rows === 0) return undefined
  const square = quantile ** 2
  const middle = successes + square / 2
  const halfWidth = quantile * Math.sqrt((successes * (rows - successes)) / rows + square / 4)
  // Rounding must not move the ends of a share of 0 or 1.
  const low = successes === 0 ? 0 : (middle - halfWidth) / (rows + square)
  const high = successes === rows ? 1 : (middle + halfWidth) / (rows + square)
  return { low, high, confidence }
}
