import { TruelineError } from '../../../core/errors.ts'
import { mostDeltaBytes, packDeltas } from './pack-deltas.ts'
import { varintBytes, writeVarint } from './thrift.ts'

/** Type of a column: what a double is written as. TIMESTAMP takes microseconds. */
export type ParquetType = 'DOUBLE' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMP'

/** Values of a column in a file's own bytes, not yet compressed. */
export interface EncodedPage {
  /** Belongs to the encoder: overwritten by the next page. */
  readonly bytes: Uint8Array
  /** Whether whole numbers are written as the steps between them; else values are as they are. */
  readonly isDeltas: boolean
  readonly rows: number
  readonly nulls: number
  /** The smallest and the largest value; where all are null, Infinity and -Infinity. */
  readonly smallest: number
  readonly largest: number
}

export type PageEncoder = (values: Float64Array, type: ParquetType) => EncodedPage

/** A page's values begin here, behind what says which rows have one; a multiple of eight. */
const headOf = (rows: number): number => 16 + 8 * Math.ceil(rows / 64)

/**
 * Values that a function goes over in one call: so it is called often, and compiled as a whole. One that goes over all of
 * them at once is compiled within its loop, again each time that it leaves it.
 */
const AT_ONCE = 1024

const TWO_32 = 2 ** 32
const LIMIT = 2 ** 63

/**
 * An encoder of pages: whole numbers as the steps between them where these are small, all else as it is (PLAIN), and a bit
 * a row for whether there is a value (https://parquet.apache.org/docs/file-format/data-pages/encodings/). NaN is null.
 * @param most rows of a page
 */
export function createPageEncoder(most: number): PageEncoder {
  const head = headOf(most)
  const memory = new Uint8Array(head + Math.max(8 * most, mostDeltaBytes(most)))
  const encoded = memory.subarray(head)
  const plain = encoded.subarray(0, 8 * most)
  const words = new Uint32Array(plain.buffer, plain.byteOffset, 2 * most)
  const plainDoubles = new Float64Array(plain.buffer, plain.byteOffset, most)
  const otherDoubles = new Float64Array(most)
  const bounds = new Float64Array(2)

  /** Puts the values that are there at the front of `doubles`. */
  function pack(values: Float64Array, doubles: Float64Array): Omit<EncodedPage, 'bytes' | 'isDeltas'> {
    const rows = values.length
    bounds[0] = Number.POSITIVE_INFINITY
    bounds[1] = Number.NEGATIVE_INFINITY
    let held = 0
    for (let from = 0; from < rows; from += AT_ONCE)
      held = packRun(values, from, Math.min(from + AT_ONCE, rows), doubles, held, bounds)
    return { rows, nulls: rows - held, smallest: bounds[0], largest: bounds[1] }
  }

  /** Whole numbers of 64 bits. */
  function writeWhole(held: number): number {
    for (let place = 0; place < held; place++) {
      const value = otherDoubles[place]!
      if (!(Math.floor(value) === value && value >= -LIMIT && value < LIMIT))
        throw new TruelineError('internal', `${value} was to be written as a whole number of 64 bits.`)
      // What is stored is taken modulo 2^32, so a negative number gets its two's complement.
      words[2 * place] = value
      words[2 * place + 1] = Math.floor(value / TWO_32)
    }
    return 8 * held
  }

  function writeBits(held: number): number {
    const bytes = Math.ceil(held / 8)
    encoded.fill(0, 0, bytes)
    for (let place = 0; place < held; place++) if (otherDoubles[place] !== 0) encoded[place >> 3]! |= 1 << (place & 7)
    return bytes
  }

  /** Levels of rows that all have a value, one run, end where the values begin; gives where they begin. */
  function markAll(rows: number): number {
    const start = head - 1 - varintBytes(2 * rows)
    memory[head - 1] = 1
    return writeLevelHead(start, 2 * rows, 1)
  }

  /** Levels as bits, one a row. */
  function markEach(values: Float64Array): number {
    const bytes = Math.ceil(values.length / 8)
    const bits = head - bytes
    for (let from = 0; from < values.length; from += AT_ONCE)
      markRun(values, from, Math.min(from + AT_ONCE, values.length), memory, bits)
    return writeLevelHead(bits - varintBytes(2 * bytes + 1), 2 * bytes + 1, bytes)
  }

  /** How long the levels are, then the number that a run begins with. */
  function writeLevelHead(start: number, run: number, bytes: number): number {
    writeVarint(memory, start, run)
    new DataView(memory.buffer).setUint32(start - 4, varintBytes(run) + bytes, true)
    return start - 4
  }

  return (values, type) => {
    const packed = pack(values, type === 'DOUBLE' ? plainDoubles : otherDoubles)
    const held = packed.rows - packed.nulls
    const isWhole = type === 'BIGINT' || type === 'TIMESTAMP'
    const deltaBytes = isWhole && held > 0 ? packDeltas(otherDoubles, held, encoded) : -1
    const isDeltas = deltaBytes !== -1
    const write = isWhole ? writeWhole : type === 'BOOLEAN' ? writeBits : (doubles: number) => 8 * doubles
    const bytes = isDeltas ? deltaBytes : write(held)
    const start = packed.nulls === 0 ? markAll(packed.rows) : markEach(values)
    return { ...packed, isDeltas, bytes: memory.subarray(start, head + bytes) }
  }
}

/**
 * Of the values [from, to) puts those that are there behind the `held` ones that are packed, and widens the bounds.
 * @returns how many are packed then
 */
function packRun(
  values: Float64Array,
  from: number,
  to: number,
  into: Float64Array,
  held: number,
  bounds: Float64Array,
): number {
  let smallest = bounds[0]!
  let largest = bounds[1]!
  let place = held
  for (let row = from; row < to; row++) {
    const value = values[row]!
    into[place] = value
    place += Number.isNaN(value) ? 0 : 1
    // Neither holds of what is not there.
    if (value < smallest) smallest = value
    if (value > largest) largest = value
  }
  bounds[0] = smallest
  bounds[1] = largest
  return place
}

/** A bit for each of the values [from, to) that is there; `from` is a multiple of eight. */
function markRun(values: Float64Array, from: number, to: number, bits: Uint8Array, at: number): void {
  for (let row = from; row < to; row += 8) {
    const count = Math.min(8, to - row)
    let byte = 0
    for (let bit = 0; bit < count; bit++) byte |= (Number.isNaN(values[row + bit]) ? 0 : 1) << bit
    bits[at + (row >> 3)] = byte
  }
}
