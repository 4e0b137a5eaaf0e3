import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { FilesLocation, SourceDefinition } from '../../language/define/source-definition.ts'
import { openDuckdb } from '../../stores/lake/duckdb.ts'
import { type FileNow, type FilePosition, isUnchanged } from './file-state.ts'
import { listFiles } from './list-files.ts'
import { type ParquetToRead, readParquetFile } from './read-parquet-file.ts'
import { readTextFile } from './read-text-file.ts'
import { rowsOfPage } from './rows-of-page.ts'
import { csvValue } from './source-column.ts'
import type { PartTrouble, Positions, ReaderContext, SourcePage, SourceReader } from './source-page.ts'
import type { TimeRange } from './time-range.ts'

/**
 * Reads files: each is remembered by its size, time and ends, and read on from where it ended.
 * @param range event times that are asked for, which spares rows of Parquet files; lines are all read
 */
export function filesReader(
  location: FilesLocation,
  stream: StreamDefinition,
  { columns, zone, rate }: SourceDefinition,
  { folder, temporaryFolder, now }: ReaderContext,
  range: TimeRange = {},
): SourceReader {
  const { kind, paths } = location

  async function* fresh(
    positions: Positions,
    signal: AbortSignal,
    read: (file: FileNow, before: FilePosition | undefined) => AsyncGenerator<SourcePage>,
  ): AsyncGenerator<SourcePage | PartTrouble> {
    for (const { name, file, error } of await listFiles(paths, folder)) {
      signal.throwIfAborted()
      const before = positions.get(name) as FilePosition | undefined
      if (file === undefined) {
        yield { part: name, trouble: error === undefined ? notFound(name) : troubleOf(name, error) }
        continue
      }
      if (isUnchanged(file, before) && before.offset === file.size) continue
      try {
        yield* read(file, before)
      } catch (thrown) {
        yield { part: name, trouble: troubleOf(name, thrown) }
      }
    }
  }

  return {
    async *pages(positions, signal) {
      if (kind !== 'parquet') {
        yield* fresh(positions, signal, (file, before) =>
          readTextFile(file, { format: kind, before, now: now(), rowsOfPage: rowsOfPage(rate?.rows) }),
        )
        return
      }
      const duckdb = await openDuckdb({ temporaryFolder, memory: '512MB' })
      try {
        const parts: ParquetToRead = { stream, columns, zone, duckdb, range }
        yield* fresh(positions, signal, (file, before) => readParquetFile(file, before, now(), parts))
      } finally {
        duckdb.close()
      }
    },
    places: kind === 'parquet' ? 'Row' : 'Line',
    coerce: (type, value) => (kind === 'csv' && typeof value === 'string' ? csvValue(type, value) : value),
  }
}

function notFound(name: string): TruelineError {
  return new TruelineError('file_not_found', `There is no file ${name}.`, { path: name })
}

function troubleOf(name: string, thrown: unknown): TruelineError {
  if (thrown instanceof TruelineError)
    return thrown.path !== undefined
      ? thrown
      : new TruelineError(thrown.code, `${name}: ${thrown.message}`, { path: name, cause: thrown })
  const { code, message } = thrown as NodeJS.ErrnoException
  // The message of the system names the whole path.
  return new TruelineError('file_unreadable', `${name} cannot be read: ${code ?? message}.`, {
    path: name,
    cause: thrown,
  })
}
