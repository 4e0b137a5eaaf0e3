import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asTruelineError, TruelineError } from '../../core/errors.ts'
import type { EventLog } from '../log/event-log.ts'
import type { LakeFile } from '../log/lake-file.ts'
import { type Duckdb, openDuckdb, parquetFiles, sqlFile } from './duckdb.ts'
import { filesToMerge, firstOver } from './files-to-merge.ts'
import type { MergedFiles } from './lake.ts'
import { readCount } from './read-columns.ts'
import { rowBytes } from './row-bytes.ts'
import { provisional, publishFiles, writeEvents } from './write-events.ts'

export interface MergeContext {
  readonly log: EventLog
  readonly folder: string
  readonly temporaryFolder: string
}

/** Of a DuckDB of its own: what reads and writes meanwhile keeps its threads and memory. */
const MEMORY = '256MB'

/**
 * Merges the first files that are worth it. A crash at any moment leaves either those or the merged one in the manifest,
 * because one transaction of the log puts it in their place; they stay on disk.
 * @param borders paths of files that have other columns than the one before; kept from call to call
 * @param except streams whose files stay as they are
 * @throws TruelineError with the stream as its path
 */
export async function mergeFiles(
  context: MergeContext,
  borders: Set<string>,
  except: ReadonlySet<string>,
): Promise<MergedFiles | undefined> {
  await context.log.lakeTable.settle()
  for (const files of Map.groupBy(context.log.lakeFiles(), ({ stream }) => stream).values()) {
    const { stream } = files[0]!
    if (except.has(stream)) continue
    try {
      const merged = await mergeOf(context, files, borders)
      if (merged !== undefined) return merged
    } catch (thrown) {
      const { code, message } = asTruelineError(thrown)
      throw new TruelineError(code, message, { path: stream, cause: thrown })
    }
  }
  return undefined
}

async function mergeOf(
  context: MergeContext,
  files: readonly LakeFile[],
  borders: Set<string>,
): Promise<MergedFiles | undefined> {
  let chosen = filesToMerge(files, borders)
  if (chosen.length === 0) return undefined
  const duckdb = await openDuckdb({ threads: 1, memory: MEMORY, temporaryFolder: context.temporaryFolder })
  try {
    while (chosen.length > 0) {
      const different = await filesOfOtherColumns(duckdb, context.folder, chosen)
      if (different.length === 0) {
        const bytes = await bytesOf(duckdb, context.folder, chosen)
        const over = firstOver(bytes)
        if (over === undefined) return await merge(duckdb, context, chosen, bytes)
        different.push(chosen[over]!.path)
      }
      for (const path of different) borders.add(path)
      chosen = filesToMerge(files, borders)
    }
    return undefined
  } finally {
    duckdb.close()
  }
}

/** Files whose columns are not those of the file before. */
async function filesOfOtherColumns(duckdb: Duckdb, folder: string, files: readonly LakeFile[]): Promise<string[]> {
  const sql = `SELECT file_name, list_sort(list(concat_ws(' ', name, duckdb_type)))::VARCHAR
    FROM parquet_schema([${pathsOf(folder, files).map(sqlFile).join(', ')}]) GROUP BY file_name`
  const rows = await duckdb.withConnection(async (connection) => (await connection.runAndReadAll(sql)).getRows())
  const columns = new Map(rows as [string, string][])
  const columnsOf = ({ path }: LakeFile): string => columns.get(join(folder, path))!
  return files.slice(1).flatMap((file, index) => (columnsOf(file) === columnsOf(files[index]!) ? [] : [file.path]))
}

/** What the rows of each of some files of the same columns take, bytes. */
async function bytesOf(duckdb: Duckdb, folder: string, files: readonly LakeFile[]): Promise<number[]> {
  return await duckdb.withConnection(async (connection) => {
    const described = await connection.runAndReadAll(`DESCRIBE FROM ${relationOf(folder, files.slice(0, 1))}`)
    const columns = (described.getRows() as [string, string][]).map(([name, type]) => ({ name, type }))
    // Under a name that no column of a stream has.
    const relation = relationOf(folder, files, `filename = '_file'`)
    const reader = await connection.runAndReadAll(
      `SELECT _file, sum(${rowBytes(columns)})::DOUBLE FROM ${relation} GROUP BY _file`,
    )
    const bytes = new Map(reader.getRows() as [string, number][])
    return files.map(({ path }) => bytes.get(join(folder, path))!)
  })
}

async function merge(
  duckdb: Duckdb,
  { log, folder }: MergeContext,
  files: readonly LakeFile[],
  bytes: readonly number[],
): Promise<MergedFiles | undefined> {
  const { stream, generation } = files.at(-1)!
  const rows = files.reduce((sum, file) => sum + file.rows, 0)
  // One thread reads file after file, and holds one group of rows: nothing has to be sorted.
  const select = `SELECT * FROM ${relationOf(folder, files, 'union_by_name = true')}`
  // As the widest of them need it: their rows may be all of a group.
  const bytesOfRow = Math.max(...files.map((file, index) => bytes[index]! / file.rows))
  const file = await writeEvents(duckdb, folder, { stream, generation, select, bytesOfRow, rows })
  if (file === undefined || !holdsAll(file, files) || !(await isInOrder(duckdb, folder, file))) {
    if (file !== undefined) await rm(join(folder, provisional(file.path)))
    throw new TruelineError('internal', `${files.length} files of '${stream}' became another one than they are.`)
  }
  const replaced = files.map(({ path }) => path)
  await log.lakeTable.replace({ file, replaced, publish: () => publishFiles(folder, [file]) })
  return { stream, files: files.length, rows }
}

/** Whether a file has the offsets and times that others have together. */
function holdsAll(file: LakeFile, files: readonly LakeFile[]): boolean {
  const least = (of: (one: LakeFile) => number): boolean => of(file) === Math.min(...files.map(of))
  const most = (of: (one: LakeFile) => number): boolean => of(file) === Math.max(...files.map(of))
  return (
    least(({ firstOffset }) => firstOffset) &&
    most(({ lastOffset }) => lastOffset) &&
    least(({ firstEventTime }) => firstEventTime) &&
    most(({ lastEventTime }) => lastEventTime) &&
    least(({ firstKnownAt }) => firstKnownAt) &&
    most(({ lastKnownAt }) => lastKnownAt)
  )
}

/** Whether the offsets of a file rise from row to row. */
async function isInOrder(duckdb: Duckdb, folder: string, { path }: LakeFile): Promise<boolean> {
  const steps = `SELECT _offset - lag(_offset) OVER () AS step FROM ${parquetFiles([join(folder, provisional(path))])}`
  const falling = await duckdb.withConnection((connection) =>
    readCount(connection, `SELECT count(*) FROM (${steps}) WHERE step <= 0`),
  )
  return falling === 0
}

function pathsOf(folder: string, files: readonly LakeFile[]): string[] {
  return files.map(({ path }) => join(folder, path))
}

function relationOf(folder: string, files: readonly LakeFile[], ...options: readonly string[]): string {
  return parquetFiles(pathsOf(folder, files), ...options)
}
