import type { DuckDBConnection } from '@duckdb/node-api'
import { parquetFiles } from '../lake/duckdb.ts'

/**
 * How many predictions of a file there are, by their mode.
 * @param path absolute
 * @param condition SQL over the file's columns
 */
export async function countByMode(
  connection: DuckDBConnection,
  path: string,
  condition: string,
): Promise<ReadonlyMap<string, number>> {
  const sql = `SELECT mode, count(*) FROM ${parquetFiles([path])} WHERE ${condition} GROUP BY mode`
  const rows = (await connection.runAndReadAll(sql)).getRows()
  return new Map(rows.map(([mode, count]) => [String(mode), Number(count)]))
}
