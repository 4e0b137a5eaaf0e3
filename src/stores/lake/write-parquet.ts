import { DOUBLE, type DuckDBConnection, DuckDBTableFunction } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'
import { sqlName, sqlText } from './duckdb.ts'

/** Numbers by a name. */
interface NumberColumn {
  readonly name: string
  readonly values: Float64Array | Float32Array
}

/** A column to be written: doubles, NaN for null. */
export interface ParquetColumn extends NumberColumn {
  /** Type in the file. Whole numbers are written as such. */
  readonly type: 'DOUBLE' | 'BIGINT' | 'INTEGER' | 'BOOLEAN' | 'TIMESTAMP'
}

/** DuckDB's own unit of rows. */
const ROWS_OF_A_CHUNK = 2048

/** Few values of a vector repeat: looking for those that do takes as long as all the rest. */
const NO_DICTIONARY = 1

let writes = 0

/**
 * Writes columns as a Parquet file, with as much memory as DuckDB needs for a group of rows. DuckDB pulls the rows out
 * of the arrays while it encodes the file, so there is no copy of the table.
 * @param columns of one length; TIMESTAMP takes microseconds
 * @throws Error of DuckDB when the file cannot be written
 */
export async function writeParquet(
  connection: DuckDBConnection,
  path: string,
  columns: readonly ParquetColumn[],
): Promise<void> {
  const select = columns.map(({ name, type }) => `${fromDouble(sqlName(name), type)} AS ${sqlName(name)}`)
  await withColumns(connection, columns, async (relation) => {
    const rows = `SELECT ${select.join(', ')} FROM ${relation}`
    await connection.run(`COPY (${rows}) TO ${sqlText(path)} (FORMAT parquet, DICTIONARY_SIZE_LIMIT ${NO_DICTIONARY})`)
  })
}

/**
 * Gives SQL columns of doubles as a relation, without a copy of them, for one statement that reads it once.
 * @param columns of one length
 */
export async function withColumns(
  connection: DuckDBConnection,
  columns: readonly NumberColumn[],
  use: (relation: string) => Promise<void>,
): Promise<void> {
  writes += 1
  const source = `_typed_columns_${writes}`
  // The function stays registered for as long as DuckDB is open; the arrays do not stay with it.
  const pending = [...columns]
  connection.registerTableFunction(tableFunction(source, pending))
  try {
    await use(`${source}()`)
  } finally {
    pending.length = 0
  }
}

function tableFunction(name: string, columns: readonly NumberColumn[]): DuckDBTableFunction {
  const rows = columns[0]?.values.length ?? 0
  let written = 0
  const chunkOfRows = new Float64Array(ROWS_OF_A_CHUNK)
  return DuckDBTableFunction.create({
    name,
    bindFunction(bind) {
      for (const column of columns) bind.addResultColumn(column.name, DOUBLE)
      bind.setCardinality(rows, true)
    },
    initFunction(init) {
      init.setMaxThreads(1)
    },
    mainFunction(_, { chunk }) {
      const count = Math.min(ROWS_OF_A_CHUNK, rows - written)
      duckdb.data_chunk_set_size(chunk, count)
      for (const [index, { values }] of columns.entries()) {
        const vector = duckdb.data_chunk_get_vector(chunk, index)
        // DuckDB takes no memory that threads share, as vectors that were replayed have.
        chunkOfRows.set(values.subarray(written, written + count))
        duckdb.copy_data_to_vector(vector, 0, chunkOfRows.buffer, 0, count * 8)
      }
      written += count
    },
  })
}

function fromDouble(column: string, type: ParquetColumn['type']): string {
  const nullable = `nullif(${column}, 'nan'::DOUBLE)`
  if (type === 'DOUBLE') return nullable
  return type === 'TIMESTAMP' ? `make_timestamp(${nullable}::BIGINT)` : `${nullable}::${type}`
}
