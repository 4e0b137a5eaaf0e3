import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import type { EventColumn } from '../log/event-batch.ts'
import { openDuckdb, streamChunks } from './duckdb.ts'
import { columnAsDouble } from './event-columns.ts'
import { doublesOf } from './read-columns.ts'
import { createTextReader } from './read-texts.ts'

/** Memory of a scan: what DuckDB needs besides, and for the page of each column that it is reading. */
const BASE_MB = 40
const COLUMN_MB = 2.5

/**
 * The rows of a relation as `scanColumns` gives them, by a DuckDB of their own that reads with one thread and keeps
 * nothing of what it has read: so a scan takes little memory, however long the table is.
 */
export async function* scanAlone(
  temporaryFolder: string,
  relation: string,
  schema: Schema,
): AsyncGenerator<ScannedBatch> {
  const memory = `${Math.round(BASE_MB + COLUMN_MB * Object.keys(schema).length)}MB`
  const duckdb = await openDuckdb({ threads: 1, memory, temporaryFolder })
  const connection = await duckdb.connect()
  using _ = {
    [Symbol.dispose]() {
      connection.closeSync()
      duckdb.close()
    },
  }
  await connection.run('SET GLOBAL enable_external_file_cache = false')
  yield* scanColumns(connection, relation, schema)
}

interface ScannedBatch {
  readonly length: number
  readonly columns: readonly EventColumn[]
}

/**
 * The rows of a relation, about 2,048 at a time, column by column in the order of a schema: as an `EventBatch` has them. The
 * columns belong to the reader: they are overwritten by those of the next batch.
 * @param relation SQL that has the schema's columns in their lake types
 */
async function* scanColumns(
  connection: DuckDBConnection,
  relation: string,
  schema: Schema,
): AsyncGenerator<ScannedBatch> {
  const entries = Object.entries(schema)
  const select = entries.map(([name, type]) => columnAsDouble(name, type)).join(', ')
  const readers = entries.map(([, { type }]) => (type === 'string' ? createTextReader() : undefined))
  const texts = readers.map((): (string | null)[] => [])
  for await (const chunk of streamChunks(connection, `SELECT ${select} FROM ${relation}`)) {
    const columns = readers.map((reader, index): EventColumn => {
      if (reader === undefined) return doublesOf(chunk, index)
      reader.read(chunk, index, texts[index]!)
      return texts[index]!
    })
    yield { length: chunk.rowCount, columns }
  }
}
