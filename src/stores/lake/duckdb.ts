import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, version } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'

/** The version of DuckDB itself. */
export const duckdbVersion: string = version()

/** A DuckDB of its own, in memory: it reads, filters, joins, sorts and writes rows, and computes no feature value. */
export interface Duckdb {
  /** Runs `work` with a connection that nobody else uses: another query would cut off a streamed answer. */
  withConnection<Result>(work: (connection: DuckDBConnection) => Promise<Result>): Promise<Result>
  /** A connection that the caller closes. */
  connect(): Promise<DuckDBConnection>
  close(): void
}

export interface DuckdbOptions {
  /** Threads; 2 unless given. */
  readonly threads?: number
  /** Most memory, such as '1GB'; what does not fit goes to `temporaryFolder`. */
  readonly memory?: string
  readonly temporaryFolder: string
}

/**
 * Opens a DuckDB that works offline: no extension is ever fetched. Times without a zone are UTC, and rows keep the order
 * of their file.
 */
export async function openDuckdb({ threads = 2, memory = '1GB', temporaryFolder }: DuckdbOptions): Promise<Duckdb> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(threads),
    memory_limit: memory,
    temp_directory: temporaryFolder,
    autoinstall_known_extensions: 'false',
    preserve_insertion_order: 'true',
  })
  const first = await instance.connect()
  await first.run("SET GLOBAL TimeZone = 'UTC'")
  first.closeSync()
  return {
    async withConnection(work) {
      const connection = await instance.connect()
      try {
        return await work(connection)
      } finally {
        connection.closeSync()
      }
    },
    connect: () => instance.connect(),
    close: () => instance.closeSync(),
  }
}

/** The chunks of a query's answer as they come, about 2,048 rows each. */
export async function* streamChunks(
  connection: DuckDBConnection,
  sql: string,
  values: readonly bigint[] = [],
): AsyncGenerator<DuckDBDataChunk> {
  const result = await connection.stream(sql, [...values])
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    yield chunk
}

/** A name as SQL writes it. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as SQL writes it. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Files of our own as an SQL relation, with the columns that they hold and no others: of itself DuckDB takes a folder above
 * them that is named `column=value` for a column, in place of theirs of that name.
 * @param options of DuckDB's `read_parquet`, such as `file_row_number = true`
 */
export function parquetFiles(paths: readonly string[], ...options: readonly string[]): string {
  return `read_parquet(${[`[${paths.map(sqlText).join(', ')}]`, 'hive_partitioning = false', ...options].join(', ')})`
}

/** An error of a statement that wrote a file as `disk_full` where it is that; anything else as it came. */
export function duckdbWriteError(thrown: unknown, path: string): unknown {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (!/no space left|disk quota|failed to offload data block/i.test(message)) return thrown
  return new TruelineError('disk_full', `The disk of ${path} is full.`, { path, cause: thrown })
}
