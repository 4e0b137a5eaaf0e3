import { powerOfTwo } from './float-bits.ts'

/** Bits of a double, and enough more that one that says whether anything is left decides every tie. */
const BITS = 53
const GUARD = 3

/**
 * The double nearest to a ratio of whole numbers of any size, ties to even. The ratio is zero or between 2^-900 and 2^900
 * in size.
 * @param denominator above 0
 */
export function nearestRatio(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -nearestRatio(-numerator, denominator)
  if (numerator === 0n) return 0
  const shift = BITS + GUARD + bitLength(denominator) - bitLength(numerator)
  const scaled = shiftLeft(numerator, shift)
  const divisor = shiftLeft(denominator, -shift)
  const quotient = scaled / divisor
  return nearestScaled(quotient, scaled % divisor !== 0n, -shift)
}

/**
 * The double nearest to the root of a ratio of whole numbers of any size, ties to even; bounds as for `nearestRatio`.
 * @param numerator 0 or above
 * @param denominator above 0
 */
export function nearestRootRatio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0
  let shift = 2 * (BITS + GUARD) + bitLength(denominator) - bitLength(numerator)
  if (shift % 2 !== 0) shift += 1
  const scaled = shiftLeft(numerator, shift)
  const divisor = shiftLeft(denominator, -shift)
  const quotient = scaled / divisor
  const root = floorRoot(quotient)
  return nearestScaled(root, root * root !== quotient || scaled % divisor !== 0n, -shift / 2)
}

/** The double nearest to (value + something below 1, if `more`) * 2^exponent; `value` has more bits than a double. */
function nearestScaled(value: bigint, more: boolean, exponent: number): number {
  const excess = bitLength(value) - BITS
  const kept = value >> BigInt(excess)
  const below = value - (kept << BigInt(excess))
  const half = 1n << BigInt(excess - 1)
  const isUp = below > half || (below === half && (more || kept % 2n === 1n))
  return Number(isUp ? kept + 1n : kept) * powerOfTwo(excess + exponent)
}

/** The largest whole number whose square is at most `value`: Newton's method from above. */
function floorRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2))
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

function shiftLeft(value: bigint, by: number): bigint {
  return by > 0 ? value << BigInt(by) : value
}

function bitLength(value: bigint): number {
  const hexadecimal = value.toString(16)
  return hexadecimal.length * 4 - Math.clz32(Number.parseInt(hexadecimal[0] as string, 16)) + 28
}
