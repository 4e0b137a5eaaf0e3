/**
 * Exact sums of doubles as expansions: lists of doubles, smallest first, none of which overlaps another, whose sum is
 * the number. After J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric
 * Predicates" (1997), and the rounding of Python's `math.fsum`. Exact while nothing overflows or underflows: values are
 * zero or between 2^-200 and 2^200 in size.
 */
export type Expansion = number[]

/** Adds a double to an expansion, in place. */
export function growExpansion(expansion: Expansion, addend: number): void {
  let kept = 0
  let carried = addend
  for (let index = 0; index < expansion.length; index++) {
    const part = expansion[index] as number
    const sum = carried + part
    const other = sum - carried
    const error = carried - (sum - other) + (part - other)
    if (error !== 0) expansion[kept++] = error
    carried = sum
  }
  expansion.length = kept
  if (carried !== 0) expansion.push(carried)
}

/** Veltkamp's constant: 2^27 + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 134217729

/** Adds a product to an expansion, in place. */
export function growByProduct(expansion: Expansion, left: number, right: number): void {
  const product = left * right
  const error = errorOfProduct(left, right, product)
  if (error !== 0) growExpansion(expansion, error)
  growExpansion(expansion, product)
}

/** The error of the double left * right: the exact product is their sum. After Dekker. */
export function errorOfProduct(left: number, right: number, product: number): number {
  let scaled = SPLITTER * left
  const leftHigh = scaled - (scaled - left)
  const leftLow = left - leftHigh
  scaled = SPLITTER * right
  const rightHigh = scaled - (scaled - right)
  const rightLow = right - rightHigh
  return leftLow * rightLow - (product - leftHigh * rightHigh - leftLow * rightHigh - leftHigh * rightLow)
}

/** The error of the double x * x: the exact square is their sum. */
export function errorOfSquare(x: number, square: number): number {
  const scaled = SPLITTER * x
  const high = scaled - (scaled - x)
  const low = x - high
  return high * high - square + 2 * high * low + low * low
}

/** The double nearest to an expansion, ties to even. */
export function roundExpansion(expansion: readonly number[]): number {
  let index = expansion.length - 1
  if (index < 0) return 0
  let high = expansion[index--] as number
  let low = 0
  while (index >= 0 && low === 0) {
    const part = expansion[index--] as number
    const sum = high + part
    low = part - (sum - high)
    high = sum
  }
  // What lies below decides a tie between two doubles.
  const below = index >= 0 ? (expansion[index] as number) : 0
  if ((low < 0 && below < 0) || (low > 0 && below > 0)) {
    const twice = low * 2
    const away = high + twice
    if (twice === away - high) return away
  }
  return high
}
