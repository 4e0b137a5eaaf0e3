import { constants, copyFile, link, rm } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import process from 'node:process'
import type { Schema } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { errorCode, fileError, settleFile } from '../../../stores/durable-file.ts'
import { openDuckdb, parquetFiles, sqlText } from '../../../stores/lake/duckdb.ts'
import type { BatchJob } from './batch-job.ts'
import { TIME_FORMAT } from './output-rows.ts'
import { publishToPostgres } from './publish-postgres.ts'
import { publishToSqlite } from './publish-sqlite.ts'

/** What is published: the output's file in the form of the destination, and as Parquet. */
export interface Output {
  readonly schema: Schema
  /** The file that a destination of files gets. */
  readonly file: string
  /** Parquet files of the rows, in order. */
  readonly parts: readonly string[]
}

/**
 * Brings a run's output to its destination, all of it at once: a file takes its name when it is whole, a table is written
 * in one transaction. A second time it is the same.
 * @throws TruelineError `destination_mismatch`, `destination_unavailable`, `setting_missing`, `disk_full`
 */
export async function publish(job: BatchJob, output: Output): Promise<void> {
  const { definition, base, run } = job
  const { to, write } = definition
  switch (to.kind) {
    case 'parquet':
    case 'csv':
      await publishFile(output.file, pathOf(to.path, base), run)
      return
    case 'sqlite':
      await publishToSqlite({ ...to, path: pathOf(to.path, base) }, { ...output, write, run }, job.folder)
      return
    case 'postgres':
      await publishToPostgres(to, { ...output, write, run }, job.folder, process.env)
  }
}

/** A path of a definition, below the folder of the project file. */
export function pathOf(path: string, base: string): string {
  return isAbsolute(path) ? path : join(base, path)
}

/** Writes a file that is compared, kept and published in the form that its destination wants. */
export async function writeOutput(
  { definition, folder }: BatchJob,
  parts: readonly string[],
  schema: Schema,
): Promise<string> {
  const isCsv = definition.to.kind === 'csv'
  const path = join(folder, isCsv ? 'output.csv' : 'output.parquet')
  await rm(path, { force: true })
  if (!isCsv && parts.length === 1) {
    await link(parts[0]!, path)
    return path
  }
  // One thread: the same rows make the same bytes.
  const duckdb = await openDuckdb({ threads: 1, temporaryFolder: folder })
  // As tables have times: a text says itself that it is in UTC.
  const format = isCsv ? `(FORMAT csv, HEADER, TIMESTAMPFORMAT '${TIME_FORMAT}')` : '(FORMAT parquet, COMPRESSION zstd)'
  const rows = parts.length === 0 ? emptyRelation(schema) : `FROM ${parquetFiles(parts)}`
  try {
    await duckdb.withConnection((connection) => connection.run(`COPY (${rows}) TO ${sqlText(path)} ${format}`))
  } catch (thrown) {
    throw fileError(thrown, path)
  } finally {
    duckdb.close()
  }
  return path
}

const fileTypes = {
  int: 'BIGINT',
  number: 'DOUBLE',
  bool: 'BOOLEAN',
  string: 'VARCHAR',
  timestamp: 'TIMESTAMP',
} as const

function emptyRelation(schema: Schema): string {
  const columns = Object.entries(schema).map(
    ([name, { type, scale = 0 }]) =>
      `NULL::${type === 'decimal' ? `DECIMAL(18, ${scale})` : fileTypes[type]} AS "${name.replaceAll('"', '""')}"`,
  )
  return `SELECT ${columns.join(', ')} WHERE false`
}

async function publishFile(file: string, target: string, run: string): Promise<void> {
  const beside = `${target}.${run}.tmp`
  try {
    await rm(beside, { force: true })
    // On one disk it is the same file by another name.
    await link(file, beside).catch(() => copyFile(file, beside, constants.COPYFILE_EXCL))
    await settleFile(beside, target)
  } catch (thrown) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw refusedFile(thrown, target)
  }
}

/** A place that takes no file is no fault of the program. */
function refusedFile(thrown: unknown, target: string): unknown {
  const known = fileError(thrown, target)
  const code = errorCode(thrown)
  if (known !== thrown || code === undefined) return known
  return new TruelineError('destination_unavailable', `${target} cannot be written: ${code}.`, {
    ...{ path: target, cause: thrown },
    remedy: 'Make its folder, or mend the rights to it, then run the batch again: it goes on where it stopped.',
  })
}
