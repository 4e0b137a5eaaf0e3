import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type {
  ConsumerEntry,
  EventsEntry,
  LakeEntry,
  LetterChangesEntry,
  LogEntry,
  NumberedLakeFile,
  PredictionFilesEntry,
  PredictionsEntry,
  RemovePredictionsEntry,
} from './log-messages.ts'
import type { RowMasker } from './mask-rows.ts'
import { doublesOf } from './prediction-block.ts'
import { encodePredictions, type PredictionColumns } from './prediction-codec.ts'
import { SEQUENCE } from './prediction-table.ts'

/** Events of one statement, which share what they have in common: with more, the statement takes longer than it saves. */
const EVENTS_AT_ONCE = 8

/** Writes entries inside the transaction that the caller has begun. */
export interface LogWriter {
  write(entry: LogEntry): void
}

/**
 * A writer with its statements prepared.
 * @param masker for rows of predictions of which something is masked
 */
export function createLogWriter(database: DatabaseSync, masker?: RowMasker): LogWriter {
  const setState = database.prepare('UPDATE state SET value = max(value, ?) WHERE name = ?')
  const insertStream = database.prepare('INSERT INTO streams (number, name) VALUES (?, ?)')
  const insertEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const insertEvents = database.prepare(insertionOf(EVENTS_AT_ONCE))
  const ofEvents: SQLInputValue[] = []
  const addCounters = database.prepare(
    `UPDATE streams SET received = received + ?1 + ?2 + ?3, accepted = accepted + ?1, duplicates = duplicates + ?2,
     rejected = rejected + ?3, mended = mended + ?4 WHERE number = ?5`,
  )
  const insertLetter = database.prepare(
    `INSERT INTO dead_letters (received_at, stream, scope, code, reason, path, "row", source, partial)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const changeLetter = database.prepare(
    'UPDATE dead_letters SET state = ?1, attempts = attempts + ?2 WHERE number = ?3',
  )
  const insertChange = database.prepare(
    `INSERT INTO dead_letter_history (letter, at, outcome, state, "by", how, code, reason, "row")
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const insertBlock = database.prepare('INSERT INTO prediction_blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const trimBlocks = database.prepare(`DELETE FROM prediction_blocks WHERE ${SEQUENCE} <= ?`)
  const insertPredictionFile = database.prepare(
    'INSERT INTO prediction_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)',
  )
  const removePredictionFile = database.prepare(
    'UPDATE prediction_files SET removed_at = ?, reason = ? WHERE path = ? AND removed_at IS NULL',
  )
  const lastSequence = `SELECT max(coalesce((SELECT max(${SEQUENCE}) FROM prediction_blocks), -1), value) AS last
    FROM state WHERE name = 'moved_sequence'`
  let sequence = (database.prepare(lastSequence).get() as { last: number }).last
  const placeConsumer = database.prepare('INSERT OR REPLACE INTO consumers VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
  const insertFile = database.prepare('INSERT INTO lake_files VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)')
  const replaceFile = database.prepare('UPDATE lake_files SET replaced_by = ? WHERE path = ?')
  const removeFile = database.prepare('UPDATE lake_files SET removed_at = ? WHERE path = ?')
  const insertImport = database.prepare('INSERT OR IGNORE INTO imports VALUES (?, ?, ?, ?, ?, ?)')
  const trimEvents = database.prepare('DELETE FROM events WHERE "offset" <= ?')

  /** Writes events without revisions as far as they fill statements, and gives how many these were. */
  function writeTogether(entry: EventsEntry): number {
    const { stream, firstOffset, generation, knownAt, partitions, eventTimes, ids, keys, rows } = entry
    const length = ids.length - (ids.length % EVENTS_AT_ONCE)
    for (let from = 0; from < length; from += EVENTS_AT_ONCE) {
      let at = 0
      ofEvents[at++] = firstOffset + from
      ofEvents[at++] = stream
      ofEvents[at++] = generation
      ofEvents[at++] = knownAt
      for (let index = from; index < from + EVENTS_AT_ONCE; index += 1) {
        ofEvents[at++] = partitions[index]!
        ofEvents[at++] = ids[index]!
        ofEvents[at++] = keys[index]!
        ofEvents[at++] = eventTimes[index]!
        ofEvents[at++] = rows[index]!
      }
      insertEvents.run(...ofEvents)
    }
    return length
  }

  function writeEvents(entry: EventsEntry): void {
    const { stream, firstOffset, generation, knownAt, partitions, eventTimes, ids, keys, rows, revisions } = entry
    const single = revisions === undefined ? writeTogether(entry) : 0
    for (let index = single; index < ids.length; index += 1) {
      const [offset, partition, eventTime] = [firstOffset + index, partitions[index]!, eventTimes[index]!]
      const [id, key, row] = [ids[index]!, keys[index]!, rows[index]!]
      const revision = revisions?.revision[index] ?? 0
      const tombstone = revisions?.tombstone[index] ?? 0
      const times = [eventTime, knownAt, knownAt] as const
      insertEvent.run(offset, stream, partition, generation, id, revision, tombstone, key, ...times, row)
    }
    setState.run(knownAt, 'known_at')
  }

  function writeChanges({ at, changes }: LetterChangesEntry): void {
    for (const { letter, outcome, state, by, how, code, reason, row } of changes) {
      changeLetter.run(state, outcome === 'discarded' ? 0 : 1, letter)
      insertChange.run(letter, at, outcome, state, by, how ?? null, code ?? null, reason ?? null, row ?? null)
    }
  }

  function writePredictions({ number, columns }: PredictionsEntry): void {
    const { layout, length } = columns
    const [firstT, lastT] = rangeOf(columns, 0)
    const [firstServed, lastServed] = rangeOf(columns, 1)
    const data = encodePredictions(masked(columns))
    const times = [firstT, lastT, firstServed, lastServed] as const
    sequence += 1
    insertBlock.run(number, layout.model, layout.version, length, ...times, data, sequence, data.length)
  }

  /** No row leaves this thread for the disk before it is masked. */
  function masked(columns: PredictionColumns): PredictionColumns {
    const { masks } = columns.layout
    if (masks === undefined) return columns
    if (masker === undefined) throw new Error('the log has no secret to mask predictions with')
    const { buffer, byteOffset, byteLength } = columns.rows
    const rows = Buffer.from(buffer, byteOffset, byteLength).toString().split('\n')
    return {
      ...columns,
      layout: { ...columns.layout, masks: { ...masks, secret: masker.name } },
      rows: Buffer.from(rows.map((row) => masker.mask(row, masks.columns)).join('\n')),
    }
  }

  function writePredictionFiles({ files, movedSequence }: PredictionFilesEntry): void {
    for (const { path, layout, rows, bytes, digest, ...file } of files)
      insertPredictionFile.run(
        ...[path, layout.model, layout.version, JSON.stringify(layout), rows, bytes, digest],
        ...[file.firstBlock, file.lastBlock, file.firstSequence, file.lastSequence],
        ...[file.firstT, file.lastT, file.firstServedAt, file.lastServedAt],
      )
    setState.run(movedSequence, 'moved_sequence')
  }

  function removePredictions({ paths, removedAt, reason }: RemovePredictionsEntry): void {
    for (const path of paths) removePredictionFile.run(removedAt, reason, path)
  }

  function writeConsumer({ name, position }: ConsumerEntry): void {
    const { offset, knownAt, received, scored, rejected, passed, fallbacks } = position
    placeConsumer.run(name, offset, knownAt, received, scored, rejected, passed, fallbacks)
  }

  function writeLakeFile({ path, streamNumber, generation, rows, bytes, digest, ...file }: NumberedLakeFile): void {
    const { firstOffset, lastOffset, firstEventTime, lastEventTime, firstKnownAt, lastKnownAt } = file
    const times = [firstEventTime, lastEventTime, firstKnownAt, lastKnownAt] as const
    insertFile.run(path, streamNumber, generation, firstOffset, lastOffset, rows, bytes, digest, ...times)
  }

  function writeLake({ files, flushedOffset, imported }: LakeEntry): void {
    for (const file of files) writeLakeFile(file)
    setState.run(flushedOffset, 'flushed_offset')
    if (imported === undefined) return
    const { stream, source, path, generation, importedAt, rows } = imported
    insertImport.run(stream, source, path, generation, importedAt, rows)
    setState.run(imported.generation, 'generation')
    setState.run(imported.lastKnownAt, 'known_at')
  }

  return {
    write(entry) {
      switch (entry.kind) {
        case 'stream':
          return void insertStream.run(entry.number, entry.name)
        case 'events':
          return writeEvents(entry)
        case 'counters':
          return void addCounters.run(entry.accepted, entry.duplicates, entry.rejected, entry.mended, entry.stream)
        case 'deadLetters':
          for (const letter of entry.letters) insertLetter.run(entry.receivedAt, ...letter)
          return
        case 'letterChanges':
          return writeChanges(entry)
        case 'predictions':
          return writePredictions(entry)
        case 'predictionFiles':
          return writePredictionFiles(entry)
        case 'removePredictions':
          return removePredictions(entry)
        case 'trimPredictions':
          return void trimBlocks.run(entry.throughSequence)
        case 'consumer':
          return writeConsumer(entry)
        case 'reserve':
          return void setState.run(entry.blocks, 'reserved_blocks')
        case 'lake':
          return writeLake(entry)
        case 'replaceLakeFiles':
          writeLakeFile(entry.file)
          for (const path of entry.replaced) replaceFile.run(entry.file.path, path)
          return
        case 'removeLakeFiles':
          for (const path of entry.paths) removeFile.run(entry.removedAt, path)
          return
        case 'trim':
          return void trimEvents.run(entry.throughOffset)
      }
    },
  }
}

/** SQL for so many events with consecutive offsets, none of them revised: the first offset, what they share, and then theirs. */
function insertionOf(events: number): string {
  const values = Array.from({ length: events }, (_, index) => {
    const [partition, id, key, time, row] = Array.from({ length: 5 }, (_, own) => `?${5 + 5 * index + own}`)
    return `(?1 + ${index}, ?2, ${partition}, ?3, ${id}, 0, 0, ${key}, ${time}, ?4, ?4, ${row})`
  })
  return `INSERT INTO events VALUES ${values.join(', ')}`
}

/** Smallest and largest of one of the doubles of each row. */
function rangeOf({ layout, length, doubles }: PredictionColumns, at: number): [number, number] {
  const width = doublesOf(layout)
  let smallest = Number.POSITIVE_INFINITY
  let largest = Number.NEGATIVE_INFINITY
  for (let row = 0; row < length; row += 1) {
    const value = doubles[row * width + at]!
    smallest = Math.min(smallest, value)
    largest = Math.max(largest, value)
  }
  return [smallest, largest]
}
