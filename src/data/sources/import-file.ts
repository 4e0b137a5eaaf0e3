import { existsSync } from 'node:fs'
import { mkdtempDisposable } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { digestOfJson } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { digestOfFile } from '../../stores/lake/file-digest.ts'
import type { ImportedRows } from '../../stores/lake/import-staging.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { type EventLog, noEvents } from '../../stores/log/event-log.ts'
import { createEventReader } from '../features/event-reader.ts'
import { revisionConflict } from '../features/revision-conflict.ts'
import { fileNow } from './file-state.ts'
import type { LocalTime } from './local-times.ts'
import { placed } from './place-words.ts'
import type { SourceMapping } from './source-sql.ts'
import { stageSource } from './stage-source.ts'

export interface ImportOptions {
  readonly stream: StreamDefinition
  /** A Parquet file, or a CSV file with a header, commas and double quotes; an empty field is null. */
  readonly path: string
  readonly log: EventLog
  readonly lake: Lake
  /** Given the accepted events in offset order, before anything else is appended: for feature state and `remember`. */
  readonly onImported: (batch: EventBatch) => void
  /** When rows became known, instead of as the stream says: a lag behind the event time, or a column of the file. */
  readonly knownAt?: StreamDefinition['knownAt']
  /** Column of the schema -> column of the file, where the names differ. */
  readonly columns?: Readonly<Record<string, string>>
  /** The zone of times that name none; they are taken as UTC unless it is given. */
  readonly zone?: string
  /** Most refused rows that still let the others in; 100,000 unless given. */
  readonly mostRejected?: number
  /** The streams that the file may have been meant for instead, so that one of them is named. */
  readonly others?: readonly StreamDefinition[]
}

/** What became of the rows of a file. */
export interface ImportedFile extends ImportedRows {
  /** A time that names no zone, and was taken as UTC. */
  readonly localTime?: LocalTime
}

/**
 * Takes the rows of a file into a stream's history as one new generation: checked as rows from outside are, each with
 * its declared `known_at`, in whose order they get their offsets. Rows that break the schema become dead letters; rows
 * that are there already are duplicates. Either all of it happens or nothing, and the same file a second time is nothing
 * but duplicates.
 * @throws TruelineError `file_not_found`, `file_format_unknown`, `file_unreadable`, `source_rejected`; `missing_column`,
 *   `unknown_column`, `wrong_type` where the file's columns do not fit the schema; `unknown_zone`
 */
export async function importFile(options: ImportOptions): Promise<ImportedFile> {
  const { stream, log, lake, onImported, zone, mostRejected = 100_000 } = options
  const path = resolve(options.path)
  const format = formatOf(path)
  if (!existsSync(path)) throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
  const found = await fileNow(path, path)
  const mapping: SourceMapping = {
    ...{ columns: options.columns ?? {}, knownAt: options.knownAt ?? stream.knownAt },
    ...(zone === undefined ? {} : { zone }),
  }
  const { schema, key, id, time } = stream
  const source = digestOfJson([await digestOfFile(path), { name: stream.name, schema, key, id, time }, mapping])
  const before = log.importedRows(stream.name, source)
  if (before !== undefined) return repeated(log, stream.name, before)

  // Two imports of one file may run at the same time.
  await using folder = await mkdtempDisposable(join(lake.temporaryFolder, 'import-'))
  const file = join(folder.path, 'staged.parquet')
  const reader = createEventReader(stream)
  const now = log.knownAt()
  const temporaryFolder = lake.temporaryFolder
  const { rejected, placesOf, localTime } = await stageSource({
    reader,
    path,
    format,
    mapping,
    file,
    now,
    mostRejected,
    temporaryFolder,
    ...(options.others === undefined ? {} : { others: options.others }),
  })
  const left = await fileNow(path, path)
  if (left?.size !== found?.size || left?.mtime !== found?.mtime)
    throw new TruelineError('file_unreadable', `${path} changed while it was read, so nothing of it was taken.`, {
      path,
      remedy: 'Import it once it is written.',
    })
  const imported = await lake.importRows({
    stream: stream.name,
    file,
    source,
    path,
    rejected,
    async conflicts(rows) {
      const placeOf = await placesOf(new Set(rows.map(({ number }) => number)))
      return rows.map(({ number, row }) => ({
        ...{ stream: stream.name, scope: 'import', ...revisionConflict, source: path },
        reason: placed(revisionConflict.reason, placeOf(number)),
        ...reader.rows.masked(row),
      }))
    },
    onImported,
  })
  return { ...imported, ...(localTime === undefined ? {} : { localTime }) }
}

/** A file that was imported before: each of its rows is a duplicate. */
async function repeated(log: EventLog, stream: string, rows: number): Promise<ImportedRows> {
  await log.ready()
  const { generation, firstOffset, ticket } = log.append({ stream, events: noEvents, duplicates: rows, rejected: [] })
  await log.durable(ticket)
  return { received: rows, accepted: 0, duplicates: rows, rejected: 0, generation, firstOffset }
}

function formatOf(path: string): 'parquet' | 'csv' {
  if (/\.parquet$/i.test(path)) return 'parquet'
  if (/\.csv$/i.test(path)) return 'csv'
  throw new TruelineError('file_format_unknown', `${path} is neither a .parquet nor a .csv file.`, { path })
}
