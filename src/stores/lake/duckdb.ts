import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, version } from '@duckdb/node-api'
import accessors from '@duckdb/node-api/lib/vectors/dataAccessors.js'
import { TruelineError } from '../../core/errors.ts'

// The decoder of the bindings takes U+FEFF at the beginning of a text for a mark of the encoding and drops it: the text would be
// another one than the same read from anywhere else.
Object.assign(accessors, { textDecoder: new TextDecoder('utf-8', { ignoreBOM: true }) })

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

/** The pattern that names a path and no other: brackets, stars and question marks in it stand for themselves. */
export function patternOf(path: string): string {
  return path.replace(/[[*?]/g, '[$&]')
}

/** The path of one file that is read, as SQL writes it. */
export function sqlFile(path: string): string {
  return sqlText(patternOf(path))
}

/**
 * Files as an SQL relation, with the columns that they hold and no others: of itself DuckDB takes a folder above
 * them that is named `column=value` for a column, in place of theirs of that name.
 * @param options of DuckDB's `read_parquet`, such as `union_by_name = true`
 */
export function parquetFiles(paths: readonly string[], ...options: readonly string[]): string {
  return `read_parquet(${[`[${paths.map(sqlFile).join(', ')}]`, 'hive_partitioning = false', ...options].join(', ')})`
}

/** A Parquet file as an SQL relation in which each row has its number. */
export interface NumberedFile {
  readonly from: string
  /** The column of the number, from 0. */
  readonly row: string
}

/** The rows of a file with their numbers, whatever its columns are called. */
export async function numberedFile(connection: DuckDBConnection, path: string): Promise<NumberedFile> {
  const found = await connection.runAndReadAll(`SELECT lower(name) FROM parquet_schema(${sqlFile(path)})`)
  const names = new Set(found.getRows().map(([name]) => name))
  let row = '_row'
  while (names.has(row)) row += '_'
  // With DuckDB's own number groups of rows are passed over, but a column of that name takes its place.
  if (names.has('file_row_number'))
    return { row, from: `(SELECT row_number() OVER () - 1 AS ${row}, * FROM ${parquetFiles([path])})` }
  const numbered = parquetFiles([path], 'file_row_number = true')
  return { row, from: `(SELECT * RENAME (file_row_number AS ${row}) FROM ${numbered})` }
}

/** An error of a statement that wrote a file as `disk_full` where it is that; anything else as it came. */
export function duckdbWriteError(thrown: unknown, path: string): unknown {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  if (!/no space left|disk quota|failed to offload data block/i.test(message)) return thrown
  return new TruelineError('disk_full', `The disk of ${path} is full.`, { path, cause: thrown })
}
