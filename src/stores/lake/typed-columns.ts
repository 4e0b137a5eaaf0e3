import { DOUBLE, type DuckDBConnection, DuckDBTableFunction } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/** Numbers by a name. */
interface NumberColumn {
  readonly name: string
  readonly values: Float64Array | Float32Array
}

/** DuckDB's own unit of rows. */
const ROWS_OF_A_CHUNK = 2048

let relations = 0

/**
 * Gives SQL columns of doubles as a relation, without a copy of them, for one statement that reads it once.
 * @param columns of one length
 */
export async function withColumns(
  connection: DuckDBConnection,
  columns: readonly NumberColumn[],
  use: (relation: string) => Promise<void>,
): Promise<void> {
  relations += 1
  const source = `_typed_columns_${relations}`
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
