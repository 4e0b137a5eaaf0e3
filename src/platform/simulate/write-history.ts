import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetFiles, sqlText } from '../../stores/lake/duckdb.ts'
import { type History, knownSql } from './timeline.ts'

/** Writes the part of a history that was known before a time (microseconds) to a Parquet file of its own. */
export async function writeHistoryBefore({ stream, file }: History, before: number, folder: string): Promise<string> {
  const target = join(folder, `${stream.name}-before.parquet`)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    await connection.run(
      `COPY (SELECT * FROM ${parquetFiles([file])} WHERE ${knownSql(stream)} < ${before}) TO ${sqlText(target)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    return target
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
