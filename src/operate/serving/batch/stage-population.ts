import { rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import process from 'node:process'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema, Value } from '../../../core/data-type.ts'
import { type Digest, digestOfJson } from '../../../core/digest.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { RowReader } from '../../../data/quality/row-reader.ts'
import { registerFunctions } from '../../../data/sources/duckdb-functions.ts'
import { type ForeignParquet, foreignParquet } from '../../../data/sources/foreign-parquet.ts'
import { listFiles } from '../../../data/sources/list-files.ts'
import { csvValue } from '../../../data/sources/source-column.ts'
import { readable } from '../../../data/sources/stage-source.ts'
import type { FilesLocation } from '../../../language/define/source-definition.ts'
import { jobEvents } from '../../../models/training/job-events.ts'
import { settleFile } from '../../../stores/durable-file.ts'
import { duckdbWriteError, parquetFiles, sqlFile, sqlName, sqlText, streamChunks } from '../../../stores/lake/duckdb.ts'
import { digestOfFile } from '../../../stores/lake/file-digest.ts'
import { readCount } from '../../../stores/lake/read-columns.ts'
import type { BatchJob } from './batch-job.ts'
import { jsonRows, type PopulationRows, postgresRows, sqliteRows } from './population-rows.ts'
import { checkedRows, type PopulationContract, type PopulationShape, populationQueries } from './population-sql.ts'
import { RejectedRows } from './rejected-rows.ts'
import { readerOf, takeRows } from './take-rows.ts'

/** A population that was read and checked: what is scored lies in a file of its own, whatever becomes of its source. */
export interface StagedPopulation {
  /** received = rows + rejected */
  readonly received: number
  readonly rows: number
  readonly rejected: number
  /** Rejected rows by code. */
  readonly reasons: Readonly<Record<string, number>>
  readonly digest: Digest
}

/** Where a job's population stands once it is staged: `_ordinal`, `_row`, `_t`, and the columns of the contract. */
export function populationFile({ folder }: Pick<BatchJob, 'folder'>): string {
  return join(folder, 'population.parquet')
}

/** Where the rows are that were rejected. */
export function rejectedFile({ folder }: Pick<BatchJob, 'folder'>): string {
  return join(folder, 'rejected.jsonl')
}

/**
 * Reads a job's population and checks each row by the contract of the model, as a request is checked.
 * @throws TruelineError `file_not_found`, `file_unreadable`, `missing_column`, `unknown_column`, `wrong_type` where a file
 *   does not fit as a whole; `source_unavailable`, `source_refused` of a database; `disk_full`
 */
export async function stagePopulation(
  connection: DuckDBConnection,
  job: BatchJob,
  schema: Schema,
): Promise<StagedPopulation> {
  const { definition, version, project, at } = job
  const { time } = project.models[version.model]!
  const contract: PopulationContract = { schema, columns: definition.columns, time, at }
  const rejected = await RejectedRows.create(rejectedFile(job))
  try {
    const digest = await read(connection, job, contract, rejected)
    const rows = await readCount(connection, `SELECT count(*) FROM ${parquetFiles([populationFile(job)])}`)
    const population = { received: rows + rejected.count, rows, rejected: rejected.count, reasons: rejected.reasons }
    return { ...population, digest: digest ?? (await digestOfFile(populationFile(job))) }
  } finally {
    await rejected.close()
  }
}

/** @returns the digest of what was read, where that is files */
async function read(
  connection: DuckDBConnection,
  job: BatchJob,
  contract: PopulationContract,
  rejected: RejectedRows,
): Promise<Digest | undefined> {
  const { population } = job.definition
  switch (population.kind) {
    case 'csv':
    case 'parquet': {
      const paths = await pathsOf(population, job.base)
      await readFiles(connection, { job, format: population.kind, paths }, contract, rejected)
      return await digestOfFiles(paths)
    }
    case 'jsonLines': {
      const paths = await pathsOf(population, job.base)
      await takeRows(connection, plainRows(jsonRows(paths)), contract, rejected)
      await writeChecked(connection, job, contract)
      return await digestOfFiles(paths)
    }
    case 'sqlite': {
      const path = isAbsolute(population.path) ? population.path : join(job.base, population.path)
      await takeRows(connection, sqliteRows(path, population.read), contract, rejected)
      await writeChecked(connection, job, contract)
      return undefined
    }
    case 'postgres':
      await takeRows(connection, postgresRows(population, process.env), contract, rejected)
      await writeChecked(connection, job, contract)
      return undefined
    case 'stream':
      await readStream(connection, job, contract)
      await writeChecked(connection, job, contract)
      return undefined
  }
}

async function tableOf(
  connection: DuckDBConnection,
  format: PopulationShape['format'],
  paths: readonly string[],
  { schema, columns }: PopulationContract,
): Promise<ForeignParquet> {
  const wanted = Object.keys(schema).map((name) => columns[name] ?? name)
  if (format === 'parquet') return await foreignParquet(connection, paths, wanted)
  const from = csvTable(`[${paths.map(sqlFile).join(', ')}]`)
  const described = await connection.runAndReadAll(`DESCRIBE FROM ${from}`)
  return { from, types: Object.fromEntries(described.getRows().map(([name, type]) => [String(name), String(type)])) }
}

function plainRows(rows: PopulationRows['rows']): PopulationRows {
  return { rows, coerce: (_type, value) => value }
}

/** @throws TruelineError `file_not_found` */
async function pathsOf({ paths }: FilesLocation, base: string): Promise<readonly string[]> {
  const listed = await listFiles(paths, base)
  if (listed.length === 0)
    throw new TruelineError('file_not_found', `No file is named by ${paths.join(', ')}.`, { path: paths.join(', ') })
  return listed.map(({ name, file }) => {
    if (file !== undefined) return file.path
    throw new TruelineError('file_not_found', `There is no file ${name}.`, { path: name })
  })
}

async function digestOfFiles(paths: readonly string[]): Promise<Digest> {
  const digests = await Promise.all(paths.map(digestOfFile))
  return digests.length === 1 ? digests[0]! : digestOfJson(digests)
}

interface FilesToRead {
  readonly job: BatchJob
  readonly format: PopulationShape['format']
  readonly paths: readonly string[]
}

/** Reads files in one pass; a second one takes those out that are refused, where there are any. */
async function readFiles(
  connection: DuckDBConnection,
  { job, format, paths }: FilesToRead,
  contract: PopulationContract,
  rejected: RejectedRows,
): Promise<void> {
  registerFunctions(connection)
  const named = paths.join(', ')
  const { from: table, types } = await readable(named, tableOf(connection, format, paths, contract))
  const queries = populationQueries(contract, { format, types })
  const numbered = `(SELECT row_number() OVER () - 1 AS _row, * FROM ${table})`
  const path = populationFile(job)
  await readable(named, writeRows(connection, queries.read(numbered), path))
  if (format === 'csv') await rejectLines(connection, contract, rejected)
  const read = parquetFiles([path])
  const refused = `SELECT _row FROM ${read} WHERE NOT ok`
  if ((await readCount(connection, `SELECT count(*) FROM (${refused})`)) === 0) return
  const reader = readerOf(contract)
  const raw = queries.raw(`(SELECT * FROM ${numbered} WHERE _row IN (${refused}))`)
  for await (const chunk of streamChunks(connection, raw)) {
    for (const [ordinal, ...values] of chunk.getRows() as [number, ...Value[]][])
      rejected.add({ ordinal, ...faultOf(reader, contract, values, format) })
    await rejected.flush()
  }
  const others = `SELECT * REPLACE (row_number() OVER () - 1 AS _ordinal) FROM ${read} WHERE ok`
  await writeRows(connection, others, path)
}

/** Rows that were checked before they came. */
async function writeChecked(connection: DuckDBConnection, job: BatchJob, contract: PopulationContract): Promise<void> {
  await writeRows(connection, checkedRows(contract), populationFile(job))
  await connection.run('DROP TABLE checked')
}

async function writeRows(connection: DuckDBConnection, rows: string, path: string): Promise<void> {
  await rm(`${path}.tmp`, { force: true })
  try {
    await connection.run(`COPY (${rows}) TO ${sqlText(`${path}.tmp`)} (FORMAT parquet, COMPRESSION lz4)`)
  } catch (thrown) {
    throw duckdbWriteError(thrown, path)
  }
  await settleFile(`${path}.tmp`, path)
}

/** Why a row is refused: said by the reader of requests, so that the reasons are the same. */
function faultOf(
  reader: RowReader,
  { schema }: PopulationContract,
  raw: readonly Value[],
  format: PopulationShape['format'],
) {
  const row: Record<string, Value> = {}
  for (const [index, name] of reader.names.entries()) {
    const value = raw[index]!
    row[name] = format === 'csv' && typeof value === 'string' ? csvValue(schema[name]!, value) : value
  }
  const fault = reader.read(row, [])
  if (fault === undefined) throw new TruelineError('internal', 'A row of the population is refused by SQL alone.')
  return { ...fault, ...reader.masked(row) }
}

/** Every column as text; a line with too few or too many fields, or of bytes that are no UTF-8, is set aside. */
function csvTable(list: string): string {
  return `read_csv(${list}, hive_partitioning = false, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"',
    comment = '', nullstr = '', allow_quoted_nulls = false, null_padding = false, store_rejects = true)`
}

/** Lines that are no rows. */
async function rejectLines(
  connection: DuckDBConnection,
  contract: PopulationContract,
  rejected: RejectedRows,
): Promise<void> {
  const found = await connection.runAndReadAll(
    'SELECT line::DOUBLE, any_value(csv_line), any_value(error_message) FROM reject_errors GROUP BY file_id, line ORDER BY file_id, line',
  )
  const reader = readerOf(contract)
  for (const [line, text, message] of found.getRows() as [number, string, string][])
    rejected.add({
      line,
      code: 'malformed_row',
      reason: `Line ${line}: ${message.split('\n')[0]}`,
      ...reader.masked(text),
    })
  await rejected.flush()
}

/** The rows of the model's stream whose time lies in the stretch, each event once, in the order of t and id. */
async function readStream(
  connection: DuckDBConnection,
  { project, files, offset, at, definition, version }: BatchJob,
  { schema, time }: PopulationContract,
): Promise<void> {
  const { population } = definition
  if (population.kind !== 'stream') return
  const eventsOf = await jobEvents(connection, { project, files, offset, cut: at }, [population.stream])
  const asking = eventsOf(project.models[version.model]!.at).asking(time === undefined ? `${at}` : sqlName(time))
  const columns = Object.entries(schema).map(([name, { type }], index) => {
    const value = sqlName(name)
    return `${type === 'string' || type === 'bool' ? value : `${value}::DOUBLE`} AS t${index}`
  })
  await connection.run(`CREATE TEMP TABLE checked AS
    SELECT row_number() OVER (ORDER BY _event_time, _id) - 1 AS _row, ${columns.join(', ')} FROM ${asking}
    WHERE _event_time >= ${at - population.last} AND _event_time < ${at + population.next}`)
}
