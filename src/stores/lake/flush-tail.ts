import { once } from 'node:events'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { TruelineError } from '../../core/errors.ts'
import { workerUrl } from '../../core/worker-url.ts'
import { fileError } from '../durable-file.ts'
import type { EventLog } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, sqlFile, sqlName, sqlText } from './duckdb.ts'
import { eventColumns } from './event-columns.ts'
import type { LakeStreams } from './lake.ts'
import type { TailExport } from './tail-export-worker.ts'
import { publishFiles, writeEvents } from './write-events.ts'

export interface FlushContext {
  readonly duckdb: Duckdb
  readonly log: EventLog
  /** The log's SQLite file. */
  readonly logPath: string
  readonly folder: string
  readonly temporaryFolder: string
  readonly streams: LakeStreams
}

/** Most events of a file: bounds the temporary text and a reader's memory. */
const MOST_ROWS = 1_000_000

/**
 * Writes the log's tail, as far as it was appended at the call, as files of the lake, and records them. A crash at any
 * moment leaves the tail as it was or wholly moved, because both are one transaction of the log.
 */
export async function flushTail(context: FlushContext): Promise<LakeFile[]> {
  const { log } = context
  await log.settleLakeFiles()
  const end = log.nextOffset - 1
  await log.drained()
  const flushed: LakeFile[] = []
  while (log.flushedOffset < end) {
    const from = log.flushedOffset + 1
    const to = Math.min(from + MOST_ROWS - 1, end)
    const files: LakeFile[] = []
    for (const stream of log.tailStreams(from, to)) files.push(await flushStream(context, stream, from, to))
    await log.recordLakeFiles({ files, flushedOffset: to, publish: () => publishFiles(context.folder, files) })
    flushed.push(...files)
  }
  return flushed
}

async function flushStream(context: FlushContext, stream: string, from: number, to: number): Promise<LakeFile> {
  const { duckdb, log, folder } = context
  return await withTail(context, { stream, from, to }, async (select, rows, bytesOfRow) => {
    const written = await writeEvents(duckdb, folder, { stream, generation: log.generation, select, bytesOfRow, rows })
    if (written === undefined) throw new TruelineError('internal', `The tail of '${stream}' has no rows.`)
    return written
  })
}

/** A part of the log's tail. */
export interface TailPart {
  readonly stream: string
  /** Offsets, both inclusive. */
  readonly from: number
  readonly to: number
}

/**
 * Works with a part of the log's durable tail as rows of the lake; one at a time in a temporary folder.
 * @param use is given SQL for the rows, with the columns of `eventColumns` in offset order, how many they are, and about
 *   what each takes, bytes; the SQL holds until it resolves
 * @throws TruelineError `definitions_changed` when the stream is not defined
 */
export async function withTail<Result>(
  { logPath, temporaryFolder, streams }: Pick<FlushContext, 'logPath' | 'temporaryFolder' | 'streams'>,
  { stream, from, to }: TailPart,
  use: (select: string, rows: number, bytesOfRow: number) => Promise<Result>,
): Promise<Result> {
  const definition = streams[stream]
  if (definition === undefined)
    throw new TruelineError('definitions_changed', `The log has events of '${stream}', which is not defined.`, {
      path: stream,
      remedy: `Define the stream '${stream}' again, at least until its events are in the lake.`,
    })
  const file = join(temporaryFolder, 'tail.ndjson')
  await rm(file, { force: true })
  try {
    const rows = await exportTail({ log: logPath, stream, fromOffset: from, toOffset: to, file })
    const columns = eventColumns(definition.schema)
    const types = columns.map(({ name, type }) => `${sqlText(name)}: ${sqlText(type)}`).join(', ')
    const select = `SELECT ${columns.map(({ name }) => sqlName(name)).join(', ')}
      FROM read_json(${sqlFile(file)}, hive_partitioning = false, format = 'newline_delimited', columns = {${types}}) ORDER BY _offset`
    // As text they take their names and punctuation, too.
    const written = columns.reduce((sum, { name }) => sum + Buffer.byteLength(name) + '"":,'.length, 0)
    const { size } = await stat(file)
    return await use(select, rows, size / Math.max(rows, 1) - written)
  } finally {
    await rm(file, { force: true })
  }
}

/** Writes events of the tail as JSON lines, in a thread of its own, and resolves to how many. */
async function exportTail(work: TailExport): Promise<number> {
  const worker = new Worker(workerUrl(import.meta.url, './tail-export-worker.ts'), { workerData: work })
  try {
    const [rows] = await once(worker, 'message')
    return rows as number
  } catch (thrown) {
    throw fileError(thrown, work.file)
  } finally {
    await worker.terminate()
  }
}
