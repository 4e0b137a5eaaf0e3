import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Value } from '../../core/data-type.ts'
import { digestOfJson } from '../../core/digest.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { ConflictingRow, ImportedRows } from '../../stores/lake/import-staging.ts'
import type { Lake } from '../../stores/lake/lake.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { type EventLog, noEvents } from '../../stores/log/event-log.ts'
import { createEventReader } from '../features/event-reader.ts'
import type { Ingest } from '../features/ingest.ts'
import { revisionConflict } from '../features/revision-conflict.ts'
import { readerOf } from '../quality/read-value.ts'
import { placed, placeWords } from './place-words.ts'
import type { PlacedRow, PlaceWord, SourceRow } from './source-page.ts'
import type { RowCounts } from './source-store.ts'
import { StagedRows } from './staged-rows.ts'

/** What became of some rows. */
interface SettledRows {
  readonly counts: RowCounts
  /** Those among them that are history. */
  readonly imported?: ImportedRows
}

/** Where rows of a source go. */
export interface RowSink {
  /**
   * Takes rows of the stream, and letters of what is none or must not be one.
   * @param origin named in dead letters
   */
  take(rows: readonly PlacedRow[], letters: readonly NewDeadLetter[], origin: string): Promise<void>
  /** Whether so much is waiting that it should be settled. */
  readonly isFull: boolean
  /** Resolves when all that was taken is on disk, to what became of it since the last time. */
  settle(): Promise<SettledRows>
  close(): Promise<void>
}

export interface SinkParts {
  readonly log: EventLog
  readonly lake: Lake
  readonly ingest: Ingest
  /** What the places of rows are called in dead letters. */
  readonly places?: PlaceWord | undefined
  /** Given imported events in offset order: for feature state and the index of ids. */
  readonly onImported: (batch: EventBatch) => void
}

const readTimestamp = readerOf({ type: 'timestamp' })

const nothing: RowCounts = { received: 0, accepted: 0, duplicates: 0, rejected: 0, deleted: 0 }

/** Rows that come now: each page is on disk before the next one is read. */
export function liveSink({ log, ingest, places }: SinkParts, { name }: StreamDefinition): RowSink {
  let counts = nothing
  return {
    isFull: true,
    async take(rows, letters, origin) {
      if (letters.length > 0) {
        await log.ready()
        await log.durable(
          log.append({ stream: name, events: noEvents, duplicates: 0, rejected: letters, retried: [] }).ticket,
        )
      }
      const { accepted, duplicates, rejected } = await ingest.ingest(
        name,
        rows.map(({ row }) => row),
        { source: origin, placeOf: (index) => placeWords(places, rows[index]!.place) },
      )
      const deleted = rows.filter(({ row }) => row['_tombstone'] === true).length
      counts = {
        received: counts.received + rows.length + letters.length,
        accepted: counts.accepted + accepted,
        duplicates: counts.duplicates + duplicates,
        rejected: counts.rejected + rejected.length + letters.length,
        deleted: counts.deleted + deleted,
      }
    },
    async settle() {
      const settled = counts
      counts = nothing
      return { counts: settled }
    },
    async close() {},
  }
}

/** Rows and letters that wait in memory, at most. */
const MOST_WAITING = 20_000

/** Rows of an import: more take longer to be safe, fewer make the history's files small. */
const ROWS_OF_AN_IMPORT = 500_000

/**
 * Rows of before: each became known when its stream declares, and all ids that the stream ever had are looked through for
 * it. One that would only become known in the future comes now.
 */
export function historySink(parts: SinkParts, stream: StreamDefinition, label: string): RowSink {
  const { log, lake, places } = parts
  const reader = createEventReader(stream)
  const knownAt = knownAtOf(stream)
  const live = liveSink(parts, stream)
  const values: Value[] = []
  let letters: NewDeadLetter[] = []
  let staged: { readonly rows: StagedRows; readonly folder: string } | undefined
  /** Rows that come now, by where they come from. */
  let current: { readonly origin: string; readonly rows: PlacedRow[] }[] = []
  /** Where the rows that are staged come from, each by those that follow its first one. */
  let stagedFrom: { readonly first: number; readonly origin: string }[] = []
  let stagedPlaces: (number | undefined)[] = []
  let deleted = 0

  async function stage(): Promise<StagedRows> {
    if (staged === undefined) {
      const folder = await mkdtemp(join(lake.temporaryFolder, 'source-'))
      staged = { folder, rows: await StagedRows.create(join(folder, 'rows.csv')) }
    }
    return staged.rows
  }

  async function clear(): Promise<void> {
    const { rows, folder } = staged ?? {}
    staged = undefined
    letters = []
    current = []
    stagedFrom = []
    stagedPlaces = []
    deleted = 0
    await rows?.close()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  }

  function conflictOf({ number, row }: ConflictingRow): NewDeadLetter {
    return {
      ...{ stream: stream.name, scope: 'import', ...revisionConflict },
      reason: placed(revisionConflict.reason, placeWords(places, stagedPlaces[number - 1])),
      source: stagedFrom.findLast(({ first }) => first <= number)!.origin,
      ...reader.rows.masked(row),
    }
  }

  return {
    get isFull() {
      const waiting = current.reduce((sum, { rows }) => sum + rows.length, letters.length)
      return (staged?.rows.length ?? 0) >= ROWS_OF_AN_IMPORT || waiting >= MOST_WAITING
    },
    async take(rows, broken, origin) {
      letters.push(...broken)
      const now = log.knownAt()
      const coming: PlacedRow[] = []
      const target = await stage()
      stagedFrom.push({ first: target.length + 1, origin })
      for (const one of rows) {
        const { row, place } = one
        // As if it came when it became known: too late is only what came too late then.
        const known = knownAt(row, now)
        if (known > now) {
          coming.push(one)
          continue
        }
        const fault = reader.read(row, known, values)
        if (fault !== undefined) {
          const reason = placed(fault.reason, placeWords(places, place))
          letters.push({
            ...{ stream: stream.name, scope: 'import', source: origin, ...fault, reason },
            ...reader.rows.masked(row),
          })
          continue
        }
        const isTombstone = reader.isTombstone(row)
        if (isTombstone) deleted += 1
        stagedPlaces.push(place)
        target.add({
          id: reader.idOf(values),
          key: reader.keyOf(values),
          revision: reader.revisionOf(row),
          isTombstone,
          eventTime: reader.eventTimeOf(values),
          knownAt: known,
          values,
        })
      }
      if (coming.length > 0) current.push({ origin, rows: coming })
      await target.flush()
    },
    async settle() {
      if (letters.length === 0 && current.length === 0 && (staged?.rows.length ?? 0) === 0) return { counts: nothing }
      const target = await stage()
      const file = join(staged!.folder, 'rows.parquet')
      await target.writeParquet(file, stream, lake.temporaryFolder)
      const { received } = log.conservation(stream.name)
      const imported = await lake.importRows({
        stream: stream.name,
        file,
        // Each import of a run is one of its own; what repeats is found by its id.
        source: digestOfJson({ label, received }),
        path: label,
        rejected: letters,
        conflicts: async (rows) => rows.map(conflictOf),
        onImported: parts.onImported,
      })
      const [later, tombstones] = [current, deleted]
      await clear()
      for (const { origin, rows } of later) await live.take(rows, [], origin)
      const { counts: more } = await live.settle()
      const counts = {
        received: imported.received + more.received,
        accepted: imported.accepted + more.accepted,
        duplicates: imported.duplicates + more.duplicates,
        rejected: imported.rejected + more.rejected,
        deleted: tombstones + more.deleted,
      }
      return { counts, imported }
    },
    close: clear,
  }
}

/** When a row became known, as its stream declares; `now` where that cannot be read. */
function knownAtOf({ knownAt, time }: StreamDefinition): (row: SourceRow, now: number) => number {
  const [column, lag] = 'column' in knownAt ? [knownAt.column, 0] : [time, knownAt.lag]
  return (row, now) => {
    const value = row[column]
    const reading = value === undefined || value === null ? undefined : readTimestamp(value)
    return typeof reading === 'number' ? reading + lag : now
  }
}
