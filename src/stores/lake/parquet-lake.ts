import { mkdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { TruelineError } from '../../core/errors.ts'
import { oneAtATime } from '../../core/one-at-a-time.ts'
import type { EventLog } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { copyHistory } from './copy-history.ts'
import { openDuckdb } from './duckdb.ts'
import { eventColumns } from './event-columns.ts'
import { flushTail } from './flush-tail.ts'
import { importRows } from './import-rows.ts'
import type { Lake, LakeStreams, OffsetRange } from './lake.ts'
import { mergeFiles } from './merge-files.ts'
import { originsOf } from './origins.ts'
import { readEvents } from './read-events.ts'
import { scanChanges } from './scan-changes.ts'
import { scanEvents } from './scan-events.ts'
import { settleFiles } from './settle-files.ts'

export interface LakeOptions {
  readonly folder: string
  readonly log: EventLog
  /** The log's SQLite file. */
  readonly logPath: string
  readonly streams: LakeStreams
}

/**
 * Opens the lake below a folder; the log holds its manifest.
 * @throws TruelineError `directory_damaged` when a file of the manifest is missing or cut, or the manifest lacks one;
 *   `definition_invalid` for a column whose name is one of the log's own
 */
export async function openLake({ folder, log, logPath, streams }: LakeOptions): Promise<Lake> {
  for (const { schema } of Object.values(streams)) eventColumns(schema)
  const temporaryFolder = join(folder, 'tmp')
  await rm(temporaryFolder, { recursive: true, force: true })
  await mkdir(temporaryFolder, { recursive: true })
  const table = log.lakeTable
  await settleFiles(folder, 'events', [...log.lakeFiles(), ...table.replaced()], table.isRemoved)
  const duckdb = await openDuckdb({ temporaryFolder })
  const context = { duckdb, log, logPath, folder, temporaryFolder, streams }
  let copies = 0
  /** Files that are not merged with the one before. */
  const borders = new Set<string>()
  /** For flushes, imports and merges. */
  const inTurn = oneAtATime()

  function streamNamed(name: string) {
    const stream = streams[name]
    if (stream === undefined) throw new TruelineError('unknown_stream', `There is no stream '${name}'.`, { path: name })
    return stream
  }

  const placed = (file: LakeFile): LakeFile => ({ ...file, path: join(folder, file.path) })

  const flush = () =>
    inTurn(async () => {
      const files = await flushTail(context)
      return { rows: files.reduce((sum, { rows }) => sum + rows, 0), files }
    })

  return {
    folder,
    temporaryFolder,
    files: (stream) => log.lakeFiles(stream).map(placed),
    everyFile: (stream) => table.every(stream).map(placed),
    origins: (stream) => originsOf(table.merges(stream)),
    flush,
    history(names) {
      copies += 1
      const number = copies
      return inTurn(() => copyHistory(context, names, number))
    },
    async *scanEvents(name, { from = 0, to = log.nextOffset - 1 }: OffsetRange = {}) {
      const stream = streamNamed(name)
      await log.drained()
      yield* scanEvents(duckdb, folder, log, stream, from, to)
    },
    async *scanChanges(name, { from = 0, to = log.nextOffset - 1 }: OffsetRange = {}) {
      const stream = streamNamed(name)
      await log.drained()
      if (log.tailHasRevisions(name)) await flush()
      yield* scanChanges(duckdb, folder, log, stream, from, to)
    },
    async readEvents(name, offsets) {
      const stream = streamNamed(name)
      await log.drained()
      return await readEvents(duckdb, folder, log, stream, offsets)
    },
    importRows: (staged) => inTurn(async () => importRows(context, streamNamed(staged.stream), staged)),
    compact: (except = new Set()) => inTurn(() => mergeFiles(context, borders, except)),
    replacedFiles: () => table.replaced().map(placed),
    async removeReplaced(files) {
      await table.remove(files.map(({ path }) => relative(folder, path)))
      for (const { path } of files) await rm(path, { force: true })
    },
    async close() {
      // After all that is under way.
      await inTurn(async () => undefined)
      duckdb.close()
    },
  }
}
