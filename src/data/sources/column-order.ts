import { openDuckdb, parquetFiles, sqlFile } from '../../stores/lake/duckdb.ts'

/** The names of a file's columns in its own order: a Parquet file, or a CSV file with a header. */
export async function columnOrder(path: string, temporaryFolder: string): Promise<readonly string[]> {
  const table = /\.csv$/i.test(path)
    ? `read_csv(${sqlFile(path)}, hive_partitioning = false, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')`
    : parquetFiles([path])
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder })
  try {
    const reader = await duckdb.withConnection((connection) => connection.runAndReadAll(`DESCRIBE FROM ${table}`))
    return reader.getRows().map(([name]) => name as string)
  } finally {
    duckdb.close()
  }
}
