import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import type { EventColumn } from '../log/event-batch.ts'
import { streamChunks } from './duckdb.ts'
import { columnAsDouble } from './event-columns.ts'
import { doublesOf } from './read-columns.ts'
import { createTextReader } from './read-texts.ts'

/**
 * The rows of a relation, about 2,048 at a time, column by column in the order of a schema: as an `EventBatch` has them. The
 * columns belong to the reader: they are overwritten by those of the next batch.
 * @param relation SQL that has the schema's columns in their lake types
 */
export async function* scanColumns(
  connection: DuckDBConnection,
  relation: string,
  schema: Schema,
): AsyncGenerator<{ readonly length: number; readonly columns: readonly EventColumn[] }> {
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
