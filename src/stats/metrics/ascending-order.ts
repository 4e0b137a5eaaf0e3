import type { Numbers } from './numbers.ts'

const DIGIT_BITS = 16
const DIGITS = 1 << DIGIT_BITS
const SMALL = 4096

/**
 * The row numbers in ascending order of their values; rows of equal value keep their order (-0 and 0 are neighbours,
 * -0 first). The values must not be NaN.
 *
 * Radix sort on the bits of the floats: no comparator is called, so that half a million rows take some 20 ms.
 */
export function ascendingOrder(values: Numbers): Uint32Array {
  const order = new Uint32Array(values.length)
  for (let row = 0; row < order.length; row++) order[row] = row
  if (values.length < SMALL) return order.sort((left, right) => values[left]! - values[right]! || left - right)
  const { low, high } = sortableWords(values)
  const spare = new Uint32Array(values.length)
  const offsets = new Uint32Array(DIGITS)
  let sorted = order
  let target = spare
  for (const [words, shift] of [
    [low, 0],
    [low, DIGIT_BITS],
    [high, 0],
    [high, DIGIT_BITS],
  ] as const) {
    if (!scatter(sorted, target, words, shift, offsets)) continue
    ;[sorted, target] = [target, sorted]
  }
  return sorted
}

/** The two halves of each float's bits, changed so that they ascend as unsigned numbers where the floats ascend. */
function sortableWords(values: Numbers): { low: Uint32Array; high: Uint32Array } {
  const low = new Uint32Array(values.length)
  const high = new Uint32Array(values.length)
  const float = new Float64Array(1)
  const words = new Uint32Array(float.buffer)
  for (let row = 0; row < values.length; row++) {
    float[0] = values[row]!
    const top = words[1]!
    const flip = top >> 31 // all ones for a negative number, whose bits descend
    low[row] = words[0]! ^ flip
    high[row] = top ^ (flip | 0x80000000)
  }
  return { low, high }
}

/** One stable pass over a digit; false when all rows share it and nothing had to move. */
function scatter(from: Uint32Array, to: Uint32Array, words: Uint32Array, shift: number, offsets: Uint32Array): boolean {
  offsets.fill(0)
  for (let row = 0; row < words.length; row++) {
    const digit = (words[row]! >>> shift) & (DIGITS - 1)
    offsets[digit] = offsets[digit]! + 1
  }
  if (offsets[(words[0]! >>> shift) & (DIGITS - 1)] === words.length) return false
  let start = 0
  for (let digit = 0; digit < DIGITS; digit++) {
    const count = offsets[digit]!
    offsets[digit] = start
    start += count
  }
  for (let position = 0; position < from.length; position++) {
    const row = from[position]!
    const digit = (words[row]! >>> shift) & (DIGITS - 1)
    const place = offsets[digit]!
    to[place] = row
    offsets[digit] = place + 1
  }
  return true
}
