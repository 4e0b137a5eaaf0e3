import type { DuckDBConnection } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import { duckdbWriteError, openDuckdb, sqlText } from '../../stores/lake/duckdb.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'
import type { EventReader } from '../features/event-reader.ts'
import { registerCriticalChecks, registerFunctions } from './duckdb-functions.ts'
import { type RefusedRow, refusalsOf } from './refused-rows.ts'
import { type SourceMapping, type SourceShape, sourceQueries } from './source-sql.ts'

export interface SourceToStage {
  readonly reader: EventReader
  readonly path: string
  readonly format: 'parquet' | 'csv'
  readonly mapping: SourceMapping
  /** The Parquet file to write. */
  readonly file: string
  /** Microseconds. */
  readonly now: number
  readonly mostRejected: number
  readonly temporaryFolder: string
}

/** Rows whose reasons are counted for the message of a source that is refused whole. */
const SAMPLE = 1000

/**
 * Checks a source's rows and writes those that may become events to a file; see `StagedImport.file`.
 * @returns the dead letters of the others
 * @throws TruelineError see `importFile`
 */
export async function stageSource(source: SourceToStage): Promise<NewDeadLetter[]> {
  const duckdb = await openDuckdb({ temporaryFolder: source.temporaryFolder })
  try {
    return await duckdb.withConnection((connection) => stage(connection, source))
  } finally {
    duckdb.close()
  }
}

async function stage(connection: DuckDBConnection, source: SourceToStage): Promise<NewDeadLetter[]> {
  const { reader, path, format, mapping, file, now, mostRejected } = source
  registerFunctions(connection)
  registerCriticalChecks(connection, reader.stream)
  const table = format === 'csv' ? csvTable(path) : `read_parquet(${sqlText(path)})`
  const shape: SourceShape = { format, path, types: await typesOf(connection, table, path) }
  const queries = sourceQueries(reader.stream, shape, mapping, now)
  const numbered = `SELECT row_number() OVER () AS _row, * FROM ${table}`
  await readable(path, connection.run(`CREATE TEMP TABLE checked AS ${queries.check(numbered)}`))
  const letters = format === 'csv' ? await malformedLines(connection, reader, path) : []
  const refused = await countOf(connection, 'checked WHERE NOT ok')
  const refusal = refusalsOf(reader, queries.fields, format, path, now)
  const total = (await countOf(connection, 'checked')) + letters.length
  if (refused + letters.length > mostRejected) {
    const sample = (await refusedRows(connection, `${queries.refused} LIMIT ${SAMPLE}`)).map(refusal)
    throw tooManyRefused(path, refused + letters.length, total, [...letters.slice(0, SAMPLE), ...sample])
  }
  if (refused > 0) for (const row of await refusedRows(connection, queries.refused)) letters.push(refusal(row))
  try {
    await connection.run(`COPY (${queries.accepted}) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION lz4)`)
  } catch (thrown) {
    throw duckdbWriteError(thrown, file)
  }
  return letters
}

/** Every column as text; a line with too few or too many fields, or of bytes that are no UTF-8, is set aside. */
function csvTable(path: string): string {
  return `read_csv(${sqlText(path)}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', allow_quoted_nulls = false, null_padding = false, store_rejects = true)`
}

async function typesOf(connection: DuckDBConnection, table: string, path: string): Promise<Record<string, string>> {
  const reader = await readable(path, connection.runAndReadAll(`DESCRIBE FROM ${table}`))
  return Object.fromEntries(reader.getRows().map(([name, type]) => [name as string, type as string]))
}

async function refusedRows(connection: DuckDBConnection, sql: string): Promise<RefusedRow[]> {
  return (await connection.runAndReadAll(sql)).getRows() as unknown as RefusedRow[]
}

async function malformedLines(
  connection: DuckDBConnection,
  reader: EventReader,
  source: string,
): Promise<NewDeadLetter[]> {
  const lines = await connection.runAndReadAll(
    'SELECT line::DOUBLE, any_value(csv_line), any_value(error_message) FROM reject_errors GROUP BY line ORDER BY line',
  )
  return (lines.getRows() as [number, string, string][]).map(([line, text, message]) => ({
    stream: reader.stream.name,
    scope: 'import',
    code: 'malformed_row',
    reason: `Line ${line}: ${message.split('\n')[0]}`,
    ...reader.rows.masked(text),
    source,
  }))
}

async function countOf(connection: DuckDBConnection, from: string): Promise<number> {
  return (await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${from}`)).getRows()[0]![0] as number
}

/** What reading a file gives, or DuckDB's complaint as `file_unreadable`. */
export async function readable<Result>(path: string, reading: Promise<Result>): Promise<Result> {
  try {
    return await reading
  } catch (cause) {
    const full = duckdbWriteError(cause, path)
    if (full instanceof TruelineError) throw full
    const message = (cause as Error).message.split('\n')[0]
    throw new TruelineError('file_unreadable', `${path} cannot be read: ${message}`, { path, cause })
  }
}

function tooManyRefused(path: string, refused: number, total: number, sample: readonly NewDeadLetter[]): TruelineError {
  const counts = new Map<string, number>()
  for (const { code, path: column } of sample) {
    const reason = column === undefined ? code : `${code} in '${column}'`
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  const reasons = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3)
  const shown = reasons.map(([reason, count]) => `${count} times ${reason}`).join(', ')
  return new TruelineError(
    'source_rejected',
    `${refused} of ${total} rows are refused; of the first ${sample.length}: ${shown}.`,
    { path },
  )
}
