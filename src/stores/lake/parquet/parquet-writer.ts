import { closeSync, openSync, writeSync } from 'node:fs'
import { constants, zstdCompressSync } from 'node:zlib'
import { createPageEncoder } from './encode-page.ts'
import { type ColumnChunk, fileFooter, MAGIC, type ParquetField, pageHeader } from './parquet-metadata.ts'

/** A Parquet file that is being written, by one thread. */
export interface ParquetWriter {
  /**
   * Adds rows.
   * @param columns of the file's fields, each `rows` long: doubles, NaN for null
   * @throws Error of the file system; TruelineError `internal` for a number that its column's type does not hold
   */
  write(columns: readonly Float64Array[], rows: number): void
  /** Ends the file: before it is called, nobody can read it. */
  end(): void
  /** Lets go of the file, ended or not. */
  close(): void
}

/** Rows of a page: few enough that they stay in the processor's cache from the kernel to the compressed bytes. */
const ROWS_OF_A_PAGE = 32_768
/** Readers take a group of rows at once, or one on each thread. */
const ROWS_OF_A_GROUP = 122_880

/** As small as DuckDB's own choice makes numbers, in half the time. */
const params = { [constants.ZSTD_c_compressionLevel]: -7 }

/** In one piece of memory, unless it stays larger than half. */
function compress(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params, chunkSize: Math.max(1024, bytes.length >> 1) })
}

/** Of one column: the pages that wait for their group to be full, and what is to be said of them. */
interface OpenChunk {
  /** Where pages are, one after another; the pages of the next group are put there too. */
  room: Uint8Array
  used: number
  chunk: { -readonly [Key in keyof ColumnChunk]: ColumnChunk[Key] }
}

/** Puts bytes behind the pages. */
function addBytes(open: OpenChunk, bytes: Uint8Array): void {
  const used = open.used + bytes.length
  if (used > open.room.length) {
    const room = new Uint8Array(2 * used)
    room.set(open.room.subarray(0, open.used))
    open.room = room
  }
  open.room.set(bytes, open.used)
  open.used = used
}

/**
 * Creates a Parquet file of numbers, times and bools. Memory is at most about twice that of a group of rows, until the file is
 * closed. What the footer says of each
 * column of each group is kept until the end.
 *
 * Our own writer because it takes typed arrays, on the thread that made them: DuckDB, which reads rows from us on the main
 * thread alone, took two and a half times as much of the processor, and writers in JavaScript, made for rows of any
 * values, four times.
 */
export function createParquet(path: string, fields: readonly ParquetField[]): ParquetWriter {
  const file = openSync(path, 'w')
  const encode = createPageEncoder(ROWS_OF_A_PAGE)
  const groups: ColumnChunk[][] = []
  let written = 0
  const open = fields.map((): OpenChunk => ({ room: new Uint8Array(0), used: 0, chunk: emptyChunk() }))

  function append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
    written += bytes.length
  }

  function addPage(column: number, values: Float64Array): void {
    const chunks = open[column]!
    const { chunk } = chunks
    const { bytes, isDeltas, rows, nulls, smallest, largest } = encode(values, fields[column]!.type)
    // Steps leave it nothing to find.
    if (chunk.rows === 0) chunk.isCompressed = !isDeltas
    const compressed = chunk.isCompressed ? compress(bytes) : bytes
    const header = pageHeader(rows, isDeltas, bytes.length, compressed.length)
    addBytes(chunks, header)
    addBytes(chunks, compressed)
    chunk.rows += rows
    chunk.nulls += nulls
    chunk.smallest = Math.min(chunk.smallest, smallest)
    chunk.largest = Math.max(chunk.largest, largest)
    chunk.bytes += header.length + bytes.length
    chunk.compressedBytes += header.length + compressed.length
  }

  function endGroup(): void {
    if (open[0] === undefined || open[0].chunk.rows === 0) return
    for (const { room, used, chunk } of open) {
      chunk.offset = written
      append(room.subarray(0, used))
    }
    groups.push(open.map(({ chunk }) => chunk))
    for (const chunks of open) {
      chunks.used = 0
      chunks.chunk = emptyChunk()
    }
  }

  append(MAGIC)
  return {
    write(columns, rows) {
      for (let from = 0; from < rows; from += ROWS_OF_A_PAGE) {
        const to = Math.min(from + ROWS_OF_A_PAGE, rows)
        for (const [column, values] of columns.entries()) addPage(column, values.subarray(from, to))
        if (open[0]!.chunk.rows >= ROWS_OF_A_GROUP) endGroup()
      }
    },
    end() {
      endGroup()
      append(fileFooter(fields, groups))
    },
    close: () => closeSync(file),
  }
}

function emptyChunk(): OpenChunk['chunk'] {
  const [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  return { offset: 0, rows: 0, nulls: 0, smallest, largest, bytes: 0, compressedBytes: 0, isCompressed: true }
}
