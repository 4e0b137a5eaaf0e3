/** Veltkamp's constant: 2^27 + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 134217729

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
  let scaled = SPLITTER * count
  const countHigh = scaled - (scaled - count)
  const countLow = count - countHigh
  scaled = SPLITTER * q1
  const qHigh = scaled - (scaled - q1)
  const qLow = q1 - qHigh
  const leftError = countLow * qLow - (left - countHigh * qHigh - countLow * qHigh - countHigh * qLow)
  const right = s1 * s1
  scaled = SPLITTER * s1
  const sHigh = scaled - (scaled - s1)
  const sLow = s1 - sHigh
  const rightError = sLow * sLow - (right - sHigh * sHigh - 2 * sLow * sHigh)
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
