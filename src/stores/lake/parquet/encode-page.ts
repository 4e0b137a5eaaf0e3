import { TruelineError } from '../../../core/errors.ts'
import { mostDeltaBytes, packDeltas } from './pack-deltas.ts'
import { pushVarint } from './thrift.ts'

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

const TWO_32 = 2 ** 32
const LIMIT = 2 ** 63

/**
 * An encoder of pages: whole numbers as the steps between them where these are small, all else as it is (PLAIN), and a bit
 * a row for whether there is a value (https://parquet.apache.org/docs/file-format/data-pages/encodings/). NaN is null.
 * @param most rows of a page
 */
export function createPageEncoder(most: number): PageEncoder {
  const head = headOf(most)
  const doubles = new Float64Array(most)
  const memory = new Uint8Array(head + Math.max(8 * most, mostDeltaBytes(most)))
  const encoded = memory.subarray(head)
  const plain = encoded.subarray(0, 8 * most)
  const words = new Uint32Array(plain.buffer, plain.byteOffset, 2 * most)

  /** Puts the values that are there at the front. */
  function pack(values: Float64Array): Omit<EncodedPage, 'bytes' | 'isDeltas'> {
    const rows = values.length
    let held = 0
    let smallest = Number.POSITIVE_INFINITY
    let largest = Number.NEGATIVE_INFINITY
    for (let row = 0; row < rows; row++) {
      const value = values[row]!
      doubles[held] = value
      if (Number.isNaN(value)) continue
      held += 1
      if (value < smallest) smallest = value
      if (value > largest) largest = value
    }
    return { rows, nulls: rows - held, smallest, largest }
  }

  /** Whole numbers of 64 bits. */
  function writeWhole(held: number): number {
    for (let place = 0; place < held; place++) {
      const value = doubles[place]!
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
    for (let place = 0; place < held; place++) if (doubles[place] !== 0) encoded[place >> 3]! |= 1 << (place & 7)
    return bytes
  }

  function writeDoubles(held: number): number {
    plain.set(new Uint8Array(doubles.buffer, 0, 8 * held))
    return 8 * held
  }

  return (values, type) => {
    const packed = pack(values)
    const held = packed.rows - packed.nulls
    const isWhole = type === 'BIGINT' || type === 'TIMESTAMP'
    const deltaBytes = isWhole && held > 0 ? packDeltas(doubles, held, encoded) : -1
    const isDeltas = deltaBytes !== -1
    const write = isWhole ? writeWhole : type === 'BOOLEAN' ? writeBits : writeDoubles
    const bytes = isDeltas ? deltaBytes : write(held)
    const levels = packed.nulls === 0 ? allThere(packed.rows) : whichThere(values)
    const start = head - levels.length
    memory.set(levels, start)
    return { ...packed, isDeltas, bytes: memory.subarray(start, head + bytes) }
  }
}

/** Levels of rows that all have a value: one run. */
function allThere(rows: number): Uint8Array {
  const run: number[] = []
  pushVarint(run, 2 * rows)
  return withLength([...run, 1])
}

/** Levels as bits, one a row. */
function whichThere(values: Float64Array): Uint8Array {
  const bytes = Math.ceil(values.length / 8)
  const header: number[] = []
  pushVarint(header, 2 * bytes + 1)
  const run = new Uint8Array(header.length + bytes)
  run.set(header)
  for (let row = 0; row < values.length; row++)
    if (!Number.isNaN(values[row])) run[header.length + (row >> 3)]! |= 1 << (row & 7)
  return withLength(run)
}

function withLength(run: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + run.length)
  new DataView(bytes.buffer).setUint32(0, run.length, true)
  bytes.set(run, 4)
  return bytes
}
