import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/** How a column of an answer is read: as a double, which it must be and never null, or as a text with a code. */
export type ColumnReading = 'double' | ((text: string) => number)

/** Memory that columns are read into. */
export interface ColumnMemory {
  /** Rows to take it for at first. */
  readonly capacity?: number
  /** Whether threads can share it. */
  readonly isShared?: boolean
}

/**
 * All rows of a query, column by column, as doubles; a null text is NaN.
 * @param readings of the query's columns, in order
 * @param rows how many rows the query must give; or, where any number will do, the memory that is taken for them
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  readings: readonly ColumnReading[],
  rows: number | ColumnMemory = {},
): Promise<Float64Array[]> {
  const { capacity = FEWEST_ROWS, isShared = false } = typeof rows === 'number' ? { capacity: rows } : rows
  const newColumn = (length: number): Float64Array =>
    isShared ? new Float64Array(new SharedArrayBuffer(8 * length)) : new Float64Array(length)
  let columns: Float64Array[] = readings.map(() => newColumn(capacity))
  let filled = 0
  const result = await connection.stream(sql)
  let next = result.fetchChunk()
  try {
    for (let chunk = await next; chunk !== null && chunk.rowCount > 0; chunk = await next) {
      // DuckDB gets it ready while this one is copied.
      next = result.fetchChunk()
      const needed = filled + chunk.rowCount
      if (needed > columns[0]!.length) columns = columns.map((column) => copied(column, newColumn(2 * needed)))
      for (const [index, reading] of readings.entries())
        if (reading === 'double') columns[index]!.set(doublesOf(chunk, index), filled)
        else readTexts(chunk, index, reading, columns[index]!, filled)
      filled += chunk.rowCount
    }
  } finally {
    // Nobody may close the connection while it is being read.
    await next.catch(() => undefined)
  }
  if (typeof rows === 'number' && filled !== rows)
    throw new Error(`a query gave ${filled} rows where ${rows} were announced: ${sql}`)
  return columns.map((column) => column.subarray(0, filled))
}

const FEWEST_ROWS = 16_384

function copied(column: Float64Array, into: Float64Array): Float64Array {
  into.set(column)
  return into
}

/** The values of a DOUBLE column, in DuckDB's own memory: gone with the chunk. */
export function doublesOf(chunk: DuckDBDataChunk, index: number): Float64Array {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, index)
  const bytes = duckdb.vector_get_data(vector, chunk.rowCount * 8)
  return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount)
}

function readTexts(
  chunk: DuckDBDataChunk,
  index: number,
  code: (text: string) => number,
  column: Float64Array,
  at: number,
): void {
  const texts = chunk.getColumnValues(index) as (string | null)[]
  for (let row = 0; row < texts.length; row += 1) {
    const text = texts[row]!
    column[at + row] = text === null ? Number.NaN : code(text)
  }
}

/** The only number of a query's only row. */
export async function readCount(connection: DuckDBConnection, sql: string): Promise<number> {
  const reader = await connection.runAndReadAll(sql)
  return Number(reader.getRows()[0]?.[0])
}

/** The only text of a query's only row. */
export async function readText(connection: DuckDBConnection, sql: string): Promise<string> {
  const reader = await connection.runAndReadAll(sql)
  return String(reader.getRows()[0]?.[0])
}
