import { errorOfProduct, errorOfSquare } from '../core/math/expansion.ts'

/**
 * Bound of what is left out below, as a part of the larger product: two dozen roundings of parts 2^-52 of it are less
 * than 2^-100, and twice that leaves room for those of the test itself.
 */
const ERROR = 2 ** -99

/**
 * count * (q1 + q2) - (s1 + s2)^2, correctly rounded, or NaN where doubles in pairs cannot tell: after Dekker, with the
 * test of Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit" (1991).
 * @param s1 double nearest to a sum; s2 is what is left of it
 * @param q1 double nearest to a sum of squares; q2 is what is left of it, to 2^-103 of q1
 */
export function roundedSpread(count: number, s1: number, s2: number, q1: number, q2: number): number {
  const left = count * q1
  const leftError = errorOfProduct(count, q1, left)
  const right = s1 * s1
  const rightError = errorOfSquare(s1, right)
  const difference = left - right
  const other = difference - left
  const differenceError = left - (difference - other) - (right + other)
  const rest = differenceError + (leftError - rightError + (count * q2 - 2 * s1 * s2 - s2 * s2))
  const high = difference + rest
  const low = rest - (high - difference)
  const bound = Math.max(left, right) * ERROR
  // `rest` can be the larger one where nearly all cancels out: then `low` is not exact, and nothing is said.
  const isSure =
    Math.abs(rest) <= Math.abs(difference) && high + (low + bound) === high && high + (low - bound) === high
  return isSure ? high : Number.NaN
}
