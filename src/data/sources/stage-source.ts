import type { DuckDBConnection } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { duckdbWriteError, openDuckdb, sqlFile, sqlText } from '../../stores/lake/duckdb.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'
import type { EventReader } from '../features/event-reader.ts'
import { csvLines, type RecordLines } from './csv-lines.ts'
import { registerCriticalChecks, registerFunctions, registerZone } from './duckdb-functions.ts'
import { withFittingStreams } from './fitting-streams.ts'
import { type ForeignParquet, foreignParquet } from './foreign-parquet.ts'
import { type LocalTime, local } from './local-times.ts'
import { placed, placeWords } from './place-words.ts'
import { type RefusedRow, refusalsOf } from './refused-rows.ts'
import { type SourceMapping, type SourceQueries, type SourceShape, sourceQueries } from './source-sql.ts'

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
  /** The streams that the file may have been meant for instead. */
  readonly others?: readonly StreamDefinition[]
}

/** What a source's rows came to. */
export interface StagedSource {
  /** The dead letters of the rows that may not become events. */
  readonly rejected: readonly NewDeadLetter[]
  /** The first time of a CSV file that names no zone, where none is given. */
  readonly localTime?: LocalTime
  /** Where other rows stand in the file, by their `_row`: the words with which a reason begins. */
  readonly placesOf: (rows: ReadonlySet<number>) => Promise<(row: number) => string | undefined>
}

/** Rows whose reasons are counted for the message of a source that is refused whole. */
const SAMPLE = 1000

/**
 * Checks a source's rows and writes those that may become events to a file; see `StagedImport.file`.
 * @throws TruelineError see `importFile`
 */
export async function stageSource(source: SourceToStage): Promise<StagedSource> {
  const duckdb = await openDuckdb({ temporaryFolder: source.temporaryFolder })
  try {
    return await duckdb.withConnection((connection) => stage(connection, source))
  } finally {
    duckdb.close()
  }
}

async function stage(connection: DuckDBConnection, source: SourceToStage): Promise<StagedSource> {
  const { reader, path, format, mapping, file, now, mostRejected } = source
  registerFunctions(connection)
  if (mapping.zone !== undefined) registerZone(connection, mapping.zone)
  registerCriticalChecks(connection, reader.stream)
  const { from: table, types } = await tableOf(connection, source)
  const shape: SourceShape = { format, path, types }
  let queries: SourceQueries
  try {
    queries = sourceQueries(reader.stream, shape, mapping, now)
  } catch (thrown) {
    throw withFittingStreams(thrown, Object.keys(types), source.others ?? [])
  }
  const numbered = `SELECT row_number() OVER () AS _row, * FROM ${table}`
  await readable(path, connection.run(`CREATE TEMP TABLE checked AS ${queries.check(numbered)}`))
  const malformed = format === 'csv' ? await malformedLines(connection) : []
  const refused = await countOf(connection, 'checked WHERE NOT ok')
  const refusal = refusalsOf(reader, queries.fields, format, path, now)
  const count = await countOf(connection, 'checked')
  const total = count + malformed.length
  const malformedLetters = (lines?: RecordLines): NewDeadLetter[] =>
    malformed.map(([record, text, message]) => {
      const told = message.split('\n')[0]!
      const line = lines?.broken.get(record)
      const reason = line === undefined ? `Record ${record}: ${told}` : placed(told, placeWords('Line', line))
      return {
        ...{ stream: reader.stream.name, scope: 'import', code: 'malformed_row', reason, source: path },
        ...reader.rows.masked(text),
      }
    })
  if (refused + malformed.length > mostRejected) {
    const sample = (await refusedRows(connection, `${queries.refused} LIMIT ${SAMPLE}`)).map(refusal)
    throw tooManyRefused(path, refused + malformed.length, total, [...malformedLetters().slice(0, SAMPLE), ...sample])
  }
  const rows = refused > 0 ? await refusedRows(connection, queries.refused) : []
  const broken = new Set(malformed.map(([record]) => record))
  const linesOf = async (numbers: ReadonlySet<number>): Promise<RecordLines | undefined> => {
    const isAsked = format === 'csv' && numbers.size + broken.size > 0
    return isAsked ? await csvLines(path, { count, rows: numbers, broken }) : undefined
  }
  const place = (row: number, lines: RecordLines | undefined): string | undefined =>
    format === 'csv' ? placeWords('Line', lines?.rows.get(row)) : placeWords('Row', row)
  const lines = await linesOf(new Set(rows.map(([row]) => row)))
  const rejected = malformedLetters(lines)
  for (const row of rows) {
    const letter = refusal(row)
    rejected.push({ ...letter, reason: placed(letter.reason, place(row[0], lines)) })
  }
  try {
    await connection.run(`COPY (${queries.accepted}) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION lz4)`)
  } catch (thrown) {
    throw duckdbWriteError(thrown, file)
  }
  const placesOf: StagedSource['placesOf'] = async (numbers) => {
    const found = await linesOf(numbers)
    return (row) => place(row, found)
  }
  const localTime =
    format === 'csv' && mapping.zone === undefined ? await localTimeOf(connection, reader, queries.fields) : undefined
  return { rejected, placesOf, ...(localTime === undefined ? {} : { localTime }) }
}

async function localTimeOf(
  connection: DuckDBConnection,
  { stream: { schema } }: EventReader,
  fields: SourceQueries['fields'],
): Promise<LocalTime | undefined> {
  for (const [index, { name, type }] of fields.entries()) {
    if (type.type !== 'timestamp') continue
    // A column that the file lacks is null, and its nulls are no texts for DuckDB.
    const raw = `r${index}::VARCHAR`
    const found = `SELECT ${raw} FROM checked WHERE regexp_full_match(${raw}, ${sqlText(local.source)}) LIMIT 1`
    const value = (await connection.runAndReadAll(found)).getRows()[0]?.[0]
    if (typeof value === 'string') return { column: name, ...(schema[name]?.sensitive ? {} : { value }) }
  }
  return undefined
}

async function tableOf(
  connection: DuckDBConnection,
  { path, format, mapping, reader }: SourceToStage,
): Promise<ForeignParquet> {
  if (format === 'csv') {
    const from = csvTable(path)
    return { from, types: await typesOf(connection, from, path) }
  }
  const known = 'column' in mapping.knownAt ? [mapping.knownAt.column] : []
  const wanted = [...reader.rows.names.map((name) => mapping.columns[name] ?? name), ...known]
  return await readable(path, foreignParquet(connection, [path], wanted))
}

/** Every column as text; a line with too few or too many fields, or of bytes that are no UTF-8, is set aside. */
function csvTable(path: string): string {
  return `read_csv(${sqlFile(path)}, hive_partitioning = false, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
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
): Promise<[record: number, text: string, message: string][]> {
  const lines = await connection.runAndReadAll(
    'SELECT line::DOUBLE, any_value(csv_line), any_value(error_message) FROM reject_errors GROUP BY line ORDER BY line',
  )
  return lines.getRows() as [number, string, string][]
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
