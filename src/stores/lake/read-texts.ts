import type { DuckDBDataChunk } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/** Four words of 32 bits: the length in bytes, then the bytes themselves where they are no more than twelve. */
const WORDS = 4
const MOST_INLINE = 12
const SLOTS = 16_384
const MOST_TEXTS = SLOTS / 2

/** Reads the texts of a column, chunk after chunk. */
export interface TextReader {
  /** Writes the texts of a chunk's column, null where there is none, to the front of `into`; those of some rows where these are named. */
  read(chunk: DuckDBDataChunk, column: number, into: (string | null)[], from?: number, until?: number): void
}

/**
 * A reader that makes a text only when it was not seen lately: most columns of texts have few different ones, and making
 * a text costs twenty times what finding it does. DuckDB keeps texts of up to twelve bytes inside of its vectors, where
 * they are compared as numbers.
 */
export function createTextReader(): TextReader {
  const keys = new Uint32Array(SLOTS * WORDS)
  let texts = new Array<string | undefined>(SLOTS)
  let size = 0

  function textAt(words: Uint32Array, bytes: Buffer, row: number): string {
    const at = row * WORDS
    const [a, b, c, d] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
    let hash = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) ^ Math.imul(c ^ Math.imul(d, 0x27d4eb2f), 0xc2b2ae35)
    hash ^= hash >>> 15
    let slot = hash & (SLOTS - 1)
    for (; texts[slot] !== undefined; slot = (slot + 1) & (SLOTS - 1)) {
      const key = slot * WORDS
      if (keys[key] === a && keys[key + 1] === b && keys[key + 2] === c && keys[key + 3] === d) return texts[slot]!
    }
    const text = bytes.toString('utf8', at * 4 + 4, at * 4 + 4 + a)
    if (size >= MOST_TEXTS) {
      texts = new Array(SLOTS)
      size = 0
      slot = hash & (SLOTS - 1)
    }
    texts[slot] = text
    keys.set([a, b, c, d], slot * WORDS)
    size += 1
    return text
  }

  return {
    read(chunk, column, into, from = 0, until = chunk.rowCount) {
      const { rowCount } = chunk
      const vector = duckdb.data_chunk_get_vector(chunk.chunk, column)
      const data = duckdb.vector_get_data(vector, rowCount * WORDS * 4)
      const words = new Uint32Array(data.buffer, data.byteOffset, rowCount * WORDS)
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      // One bit a row, set where there is a value; nothing at all where every row has one.
      const valid = duckdb.vector_get_validity(vector, Math.ceil(rowCount / 64) * 8) as Uint8Array | null
      let longer: ReturnType<typeof chunk.getColumnVector> | undefined
      for (let row = from; row < until; row += 1) {
        if (valid !== null && ((valid[row >> 3]! >> (row & 7)) & 1) === 0) into[row] = null
        else if (words[row * WORDS]! <= MOST_INLINE) into[row] = textAt(words, bytes, row)
        else {
          longer ??= chunk.getColumnVector(column)
          into[row] = longer.getItem(row) as string
        }
      }
    },
  }
}
