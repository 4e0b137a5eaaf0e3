import type { Schema, Value } from '../../../core/data-type.ts'
import { openDuckdb, parquetFiles, sqlName, streamChunks } from '../../../stores/lake/duckdb.ts'

/** How texts show times: ISO 8601 in UTC, as DuckDB formats it. */
export const TIME_FORMAT = '%Y-%m-%dT%H:%M:%S.%fZ'

/**
 * Rows of an output for a database, some thousand at a time, column by column: times as ISO 8601 texts in UTC, decimals as
 * texts, since they lie closer together than doubles do.
 */
export async function* outputRows(
  parts: readonly string[],
  schema: Schema,
  temporaryFolder: string,
): AsyncGenerator<readonly Value[][]> {
  if (parts.length === 0) return
  const selected = Object.keys(schema).map((name) => plain(name, schema))
  const sql = `SELECT ${selected.join(', ')} FROM ${parquetFiles(parts)}`
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder })
  const connection = await duckdb.connect()
  try {
    for await (const chunk of streamChunks(connection, sql)) yield chunk.getColumns() as Value[][]
  } finally {
    connection.closeSync()
    duckdb.close()
  }
}

function plain(name: string, schema: Schema): string {
  const column = sqlName(name)
  switch (schema[name]!.type) {
    case 'timestamp':
      return `strftime(${column}, '${TIME_FORMAT}')`
    case 'decimal':
      return `${column}::VARCHAR`
    case 'int':
    case 'number':
      return `${column}::DOUBLE`
    case 'bool':
    case 'string':
      return column
  }
}
