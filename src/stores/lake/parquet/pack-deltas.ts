import { writeVarint } from './thrift.ts'

/** Values of a block, which has a smallest step of its own, and of a miniblock, which has a width. */
const BLOCK = 128
const MINIBLOCK = 32
const MINIBLOCKS = BLOCK / MINIBLOCK

/** Most bits that a step takes beyond the smallest of its block. */
const MOST_BITS = 32
/** Whole numbers whose differences are exact, and whose doubles are. */
const LARGEST = 2 ** 51

/** Most bytes that so many values take. */
export function mostDeltaBytes(values: number): number {
  return 64 + Math.ceil(values / BLOCK) * (16 + MINIBLOCKS + 4 * BLOCK)
}

/**
 * Packs whole numbers by the steps from each to the next (DELTA_BINARY_PACKED,
 * https://parquet.apache.org/docs/file-format/data-pages/encodings/): counts and ordinals take a byte or less.
 * @param values of which the first `count` are packed: at least one
 * @param into has room for `mostDeltaBytes`
 * @returns how many bytes they took; -1 where they are not whole or do not go by steps of 32 bits
 */
export function packDeltas(values: Float64Array, count: number, into: Uint8Array): number {
  const first = values[0]!
  if (!(Math.abs(first) <= LARGEST && Math.floor(first) === first)) return -1
  let at = 0
  for (const number of [BLOCK, MINIBLOCKS, count, zigzag(first)]) at = writeVarint(into, at, number)
  for (let from = 1; from < count; from += BLOCK) {
    at = packBlock(values, from, Math.min(from + BLOCK, count), into, at)
    if (at === -1) return -1
  }
  return at
}

const steps = new Float64Array(BLOCK)
/** What each step is beyond the smallest. */
const offsets = new Uint32Array(BLOCK)
const words = new Uint32Array(MINIBLOCK)
const wordBytes = new Uint8Array(words.buffer)

/** Packs the steps that lead to values [from, to), and returns where their bytes end. */
function packBlock(values: Float64Array, from: number, to: number, into: Uint8Array, start: number): number {
  const count = to - from
  let smallest = Number.POSITIVE_INFINITY
  let largest = Number.NEGATIVE_INFINITY
  let before = values[from - 1]!
  for (let index = 0; index < count; index++) {
    const value = values[from + index]!
    const step = value - before
    before = value
    steps[index] = step
    if (step < smallest) smallest = step
    if (step > largest) largest = step
    if (!(value <= LARGEST && value >= -LARGEST && Math.floor(value) === value)) return -1
  }
  if (largest - smallest >= 2 ** MOST_BITS) return -1
  for (let index = 0; index < count; index++) offsets[index] = steps[index]! - smallest
  const widths = writeVarint(into, start, zigzag(smallest))
  let at = widths + MINIBLOCKS
  for (let miniblock = 0; miniblock < MINIBLOCKS; miniblock++) {
    const first = miniblock * MINIBLOCK
    const bits = makeWords(first, Math.min(first + MINIBLOCK, count))
    into[widths + miniblock] = bits
    for (let byte = 0; byte < 4 * bits; byte++) into[at + byte] = wordBytes[byte]!
    at += 4 * bits
  }
  return at
}

/** Puts the steps [from, to) of a block into the words, each in as many bits as the largest needs, and returns those. */
function makeWords(from: number, to: number): number {
  let used = 0
  for (let index = from; index < to; index++) used |= offsets[index]!
  const bits = MOST_BITS - Math.clz32(used)
  if (bits === 0) return 0
  words.fill(0, 0, bits)
  let place = 0
  for (let index = from; index < to; index++) {
    const step = offsets[index]!
    const word = place >>> 5
    const shift = place & 31
    words[word]! |= step << shift
    if (shift + bits > 32) words[word + 1]! |= step >>> (32 - shift)
    place += bits
  }
  return bits
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
