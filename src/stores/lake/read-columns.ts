import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/** How a column of an answer is read: as a double, which it must be and never null, or as a text with a code. */
export type ColumnReading = 'double' | ((text: string) => number)

/**
 * All rows of a query, column by column, as doubles; a null text is NaN.
 * @param readings of the query's columns, in order
 * @param rows how many rows the query must give, where that is known
 */
export async function readColumns(
  connection: DuckDBConnection,
  sql: string,
  readings: readonly ColumnReading[],
  rows?: number,
): Promise<Float64Array[]> {
  let columns: Float64Array[] = readings.map(() => new Float64Array(rows ?? FEWEST_ROWS))
  let filled = 0
  await readChunks(connection, sql, readings, (values, count) => {
    const needed = filled + count
    if (needed > columns[0]!.length) columns = columns.map((column) => copied(column, new Float64Array(2 * needed)))
    for (const [index, column] of columns.entries()) column.set(values[index]!, filled)
    filled = needed
  })
  if (rows !== undefined && filled !== rows)
    throw new Error(`a query gave ${filled} rows where ${rows} were announced: ${sql}`)
  return columns.map((column) => column.subarray(0, filled))
}

const FEWEST_ROWS = 16_384

function copied(column: Float64Array, into: Float64Array): Float64Array {
  into.set(column)
  return into
}

/**
 * Reads all rows of a query as `readColumns` does, some two thousand at a time.
 * @param take is given each column's values and how many they are; the values are gone when it returns
 */
export async function readChunks(
  connection: DuckDBConnection,
  sql: string,
  readings: readonly ColumnReading[],
  take: (columns: readonly Float64Array[], count: number) => void,
): Promise<void> {
  const result = await connection.stream(sql)
  let next = result.fetchChunk()
  try {
    for (let chunk = await next; chunk !== null && chunk.rowCount > 0; chunk = await next) {
      // DuckDB gets it ready while this one is taken.
      next = result.fetchChunk()
      const { rowCount } = chunk
      const values = readings.map((reading, index) =>
        reading === 'double' ? doublesOf(chunk, index) : codesOf(chunk, index, reading),
      )
      take(values, rowCount)
    }
  } finally {
    // Nobody may close the connection while it is being read.
    await next.catch(() => undefined)
  }
}

/** The values of a DOUBLE column, in DuckDB's own memory: gone with the chunk. */
export function doublesOf(chunk: DuckDBDataChunk, index: number): Float64Array {
  const vector = duckdb.data_chunk_get_vector(chunk.chunk, index)
  const bytes = duckdb.vector_get_data(vector, chunk.rowCount * 8)
  return new Float64Array(bytes.buffer, bytes.byteOffset, chunk.rowCount)
}

function codesOf(chunk: DuckDBDataChunk, index: number, code: (text: string) => number): Float64Array {
  const texts = chunk.getColumnValues(index) as (string | null)[]
  return Float64Array.from(texts, (text) => (text === null ? Number.NaN : code(text)))
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
