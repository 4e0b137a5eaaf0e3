import { existsSync } from 'node:fs'
import { mkdir, open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { TruelineError } from '../../core/errors.ts'
import { renameDurably, syncFolder } from '../durable-file.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, duckdbWriteError, parquetFiles, sqlText } from './duckdb.ts'
import { digestOfFile } from './file-digest.ts'
import { groupRowsFor } from './row-bytes.ts'

/** Ends of names that a file has before it is one of the lake. */
export const NEW = '.new'
export const UNFINISHED = '.tmp'

export interface EventsToWrite {
  readonly stream: string
  readonly generation: number
  /** SQL that gives the columns of `eventColumns` in offset order. */
  readonly select: string
  /** About what a row of it takes, see `rowBytes`: decides how many are a group. */
  readonly bytesOfRow: number
  /** How many rows it must give; undefined when only the writing shows. */
  readonly rows?: number
}

/**
 * Writes events as one file of the lake, on disk under its provisional name when this resolves. It gets its own name when
 * the log has recorded it: so a file with its own name is always one of the manifest, and what is left under another one
 * by a crash is either finished or removed at the next opening.
 * @returns the file's line of the manifest; undefined when there were no rows
 * @throws TruelineError `disk_full`
 */
export function writeEvents(duckdb: Duckdb, folder: string, events: EventsToWrite): Promise<LakeFile | undefined> {
  return duckdb.withConnection((connection) => writeEventsWith(connection, folder, events))
}

/** The same with a connection whose temporary tables the SQL may read. */
export async function writeEventsWith(
  connection: DuckDBConnection,
  folder: string,
  { stream, generation, select, bytesOfRow, rows }: EventsToWrite,
): Promise<LakeFile | undefined> {
  const streamFolder = join('events', encodeURIComponent(stream))
  const temporary = join(folder, streamFolder, `part${UNFINISHED}`)
  await makeFolder(folder, streamFolder)
  await rm(temporary, { force: true })
  try {
    await connection.run(
      `COPY (${select}) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRowsFor(bytesOfRow)})`,
    )
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw duckdbWriteError(thrown, temporary)
  }
  const summary = await summarize(connection, temporary)
  if (rows !== undefined && summary.rows !== rows)
    throw new TruelineError('internal', `${rows} events of '${stream}' became ${summary.rows} rows in the lake.`)
  if (summary.rows === 0) {
    await rm(temporary)
    return undefined
  }
  await syncFile(temporary)
  const path = join(streamFolder, `${padded(summary.firstOffset)}-${padded(summary.lastOffset)}.parquet`)
  const written = join(folder, provisional(path))
  await renameDurably(temporary, written)
  const { size } = await stat(written)
  return { path, stream, generation, ...summary, bytes: size, digest: await digestOfFile(written) }
}

/** The name of a file of the lake until the log has recorded it. */
export function provisional(path: string): string {
  return `${path}${NEW}`
}

/** Gives recorded files their names; what an attempt before came to is gone on with. */
export async function publishFiles(folder: string, files: readonly { readonly path: string }[]): Promise<void> {
  for (const { path } of files) {
    const [from, to] = [join(folder, provisional(path)), join(folder, path)]
    if (existsSync(from) || !existsSync(to)) await renameDurably(from, to)
    else await syncFolder(dirname(to))
  }
}

async function summarize(connection: DuckDBConnection, path: string) {
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::DOUBLE, min(_offset)::DOUBLE, max(_offset)::DOUBLE, min(_event_time)::DOUBLE,
     max(_event_time)::DOUBLE, min(_known_at)::DOUBLE, max(_known_at)::DOUBLE FROM ${parquetFiles([path])}`,
  )
  const [rows, firstOffset, lastOffset, firstEventTime, lastEventTime, firstKnownAt, lastKnownAt] =
    reader.getRows()[0] as number[]
  return {
    rows: rows!,
    firstOffset: firstOffset!,
    lastOffset: lastOffset!,
    firstEventTime: firstEventTime!,
    lastEventTime: lastEventTime!,
    firstKnownAt: firstKnownAt!,
    lastKnownAt: lastKnownAt!,
  }
}

/** Makes a folder below another and puts the new names on disk. */
export async function makeFolder(folder: string, below: string): Promise<void> {
  const path = join(folder, below)
  if ((await mkdir(path, { recursive: true })) === undefined) return
  for (let parent = path; parent.length >= folder.length; parent = dirname(parent)) await syncFolder(parent)
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Fifteen digits, so that names sort as offsets do. */
function padded(offset: number): string {
  return String(offset).padStart(15, '0')
}
