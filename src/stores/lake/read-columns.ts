import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { streamChunks } from './duckdb.ts'

/** How a column of an answer is read: as a double, which it must be and never null, or as a text with a code. */
export type ColumnReading = 'double' | ((text: string) => number)

/**
 * All rows of a query, column by column, as doubles; a null text is NaN.
 * @param readings of the query's columns, in order
 * @param rows how many rows the query must give; any number when left out
 * @param capacity how many to take memory for at first
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  readings: readonly ColumnReading[],
  rows?: number,
  capacity = rows ?? FEWEST_ROWS,
): Promise<Float64Array[]> {
  let columns: Float64Array[] = readings.map(() => new Float64Array(capacity))
  let filled = 0
  for await (const chunk of streamChunks(connection, sql)) {
    const needed = filled + chunk.rowCount
    if (needed > columns[0]!.length) columns = columns.map((column) => grown(column, 2 * needed))
    for (const [index, reading] of readings.entries())
      if (reading === 'double') columns[index]!.set(doublesOf(chunk, index), filled)
      else readTexts(chunk, index, reading, columns[index]!, filled)
    filled += chunk.rowCount
  }
  if (rows !== undefined && filled !== rows)
    throw new Error(`a query gave ${filled} rows where ${rows} were announced: ${sql}`)
  return columns.map((column) => column.subarray(0, filled))
}

const FEWEST_ROWS = 16_384

function grown(column: Float64Array, length: number): Float64Array {
  const larger = new Float64Array(length)
  larger.set(column)
  return larger
}

/** The values of a DOUBLE column, in DuckDB's own memory: to be copied before the next chunk is fetched. */
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
