import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../core/clock.ts'
import type { Digest } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import { freeMemory } from '../../core/free-memory.ts'
import { syncFolder } from '../durable-file.ts'
import { sqliteError } from '../sqlite-error.ts'
import { CommitQueue } from './commit-queue.ts'
import { type ConsumedBatch, type ConsumerPosition, movedBy } from './consumer.ts'
import type { Conservation, LetterChange, NewDeadLetter } from './dead-letter.ts'
import type { Appended, EventLog, IngestedRows } from './event-log.ts'
import type { ImportRecord, LakeWrite } from './lake-file.ts'
import { createLakeTable, type LakeTable } from './lake-table.ts'
import {
  addCounts,
  addDeadLetters,
  addEvents,
  addLetterChanges,
  addPredictions,
  noCounts,
  type StreamCounters,
} from './log-entries.ts'
import type { LogEntry } from './log-messages.ts'
import { createLogReader, type LogReader, type LogState } from './log-reader.ts'
import { migrateLog } from './log-schema.ts'
import { PredictionBlock, type PredictionLayout, parsePredictionId } from './prediction-block.ts'
import { decodePredictions, predictionAt, readPredictionBlock } from './prediction-codec.ts'
import type { PredictionTable } from './prediction-file.ts'
import { createPredictionTable } from './prediction-table.ts'

export interface LogOptions {
  readonly clock: Clock
  /** Bytes under way to the disk before `ready` waits; 64 MiB unless given. */
  readonly queueBytes?: number
  /** What masked columns of predictions are sealed and hashed with. */
  readonly secret?: Uint8Array
  /** Most pages that the file may have: a disk that fills up, for tests. */
  readonly maxPages?: number
}

/** Block numbers taken ahead of use, so that an id that was answered is never given again after a crash. */
const BLOCKS_RESERVED = 4096
/** Events dropped from the tail in one step, so that no commit waits long behind it. */
const TRIM_STEP = 20_000

/**
 * Opens the log in a SQLite file, creating it where it is missing, and goes on where it ended.
 * @throws TruelineError `directory_newer`, `directory_damaged`, `disk_full`
 */
export async function openLog(path: string, options: LogOptions): Promise<EventLog> {
  const isNew = !existsSync(path)
  try {
    const database = new DatabaseSync(path)
    try {
      migrateLog(database, path, options.clock.now())
    } finally {
      database.close()
    }
    if (isNew) await syncFolder(dirname(path))
    const log = new SqliteEventLog(path, new DatabaseSync(path, { readOnly: true }), options)
    await log.drained()
    return log
  } catch (thrown) {
    throw sqliteError(thrown, path)
  }
}

class SqliteEventLog implements EventLog {
  readonly #clock: Clock
  readonly #database: DatabaseSync
  readonly #reader: LogReader
  readonly #queue: CommitQueue
  readonly predictionTable: PredictionTable
  readonly lakeTable: LakeTable
  readonly #streams = new Map<string, StreamCounters>()
  readonly #consumers = new Map<string, ConsumerPosition>()
  #nextOffset: number
  #generation: number
  #knownAt: number
  #flushedOffset: number
  #nextBlock: number
  #reservedBlocks: number
  /** What is on record of the lake and could not be published: the same rows must not be moved again. */
  #unsettled: (() => Promise<void>) | undefined
  /** While set, `ready` waits for it. */
  #gate: Promise<unknown> | undefined
  #shut = false

  constructor(path: string, database: DatabaseSync, { clock, queueBytes = 2 ** 26, secret, maxPages }: LogOptions) {
    this.#clock = clock
    this.#database = database
    this.#reader = createLogReader(database, path)
    const state: LogState = this.#reader.state()
    this.#nextOffset = state.nextOffset
    this.#generation = state.generation
    this.#knownAt = state.knownAt
    this.#flushedOffset = state.flushedOffset
    this.#nextBlock = state.reservedBlocks
    this.#reservedBlocks = state.reservedBlocks
    for (const { name, ...counters } of state.streams) this.#streams.set(name, counters)
    for (const { name, ...position } of state.consumers) this.#consumers.set(name, position)
    this.#queue = new CommitQueue(
      { path, ...(secret === undefined ? {} : { secret }), ...(maxPages === undefined ? {} : { maxPages }) },
      queueBytes,
    )
    const tables = { all: this.#reader.all, queue: this.#queue, clock }
    this.predictionTable = createPredictionTable(tables)
    this.lakeTable = createLakeTable({ ...tables, numberOf: (stream) => this.#streams.get(stream)!.number })
    this.#reserveBlocks()
    this.#trim().catch(ignoreWhenStopped)
  }

  get failure() {
    return this.#queue.failure
  }

  refuse(failure: TruelineError) {
    return this.#queue.fail(failure)
  }

  get nextOffset() {
    return this.#nextOffset
  }

  get generation() {
    return this.#generation
  }

  get flushedOffset() {
    return this.#flushedOffset
  }

  knownAt() {
    return Math.max(this.#knownAt, this.#clock.now())
  }

  assertAppendable() {
    if (this.#queue.failure !== undefined) throw this.#queue.failure
    if (this.#shut)
      throw new TruelineError('overloaded', 'The log is taking in an import: await `ready` before appending.')
  }

  append({ stream, events, duplicates, rejected, retried = [], knownAt = this.knownAt() }: IngestedRows) {
    this.assertAppendable()
    const entries: LogEntry[] = []
    const counters = this.#stream(stream, entries)
    const firstOffset = this.#nextOffset
    const { length } = events
    let bytes = addEvents(events, { ...this.#nextPlace(counters), knownAt }, entries)
    const mended = retried.length === 0 ? 0 : length + duplicates
    const counts = { accepted: length, duplicates, rejected: rejected.length - mended, mended }
    entries.push({ kind: 'counters', stream: counters.number, ...counts })
    bytes += this.#addDeadLetters(rejected, entries) + addLetterChanges(retried, this.#clock.now(), entries)
    const ticket = this.#queue.enqueue(entries, bytes)
    this.#tookEvents(length, knownAt)
    addCounts(counters, counts)
    return { firstOffset, generation: this.#generation, knownAt, ticket }
  }

  consumer(name: string) {
    return this.#consumers.get(name)
  }

  beginConsumer(name: string, position: ConsumerPosition) {
    const ticket = this.#queue.enqueue([{ kind: 'consumer', name, position }], 0)
    this.#consumers.set(name, position)
    return ticket
  }

  commitConsumed(batch: ConsumedBatch): Appended {
    this.assertAppendable()
    const { consumer, after, outputs, predictions, rejected, retried = [] } = batch
    const before = this.#consumers.get(consumer)
    if (before?.offset !== after)
      throw new TruelineError('internal', `${consumer} stands at ${before?.offset}, and not at ${after}.`)
    const knownAt = this.knownAt()
    const firstOffset = this.#nextOffset
    const position = movedBy(before, batch)
    const entries: LogEntry[] = [{ kind: 'consumer', name: consumer, position }]
    const transfers: ArrayBuffer[] = []
    const counters = this.#stream(outputs.stream, entries)
    const { length } = outputs.events
    const counts = { ...noCounts, accepted: length }
    let bytes = addEvents(outputs.events, { ...this.#nextPlace(counters), knownAt }, entries)
    bytes += this.#addDeadLetters(rejected, entries)
    bytes += addLetterChanges(retried, this.#clock.now(), entries)
    if (length > 0) entries.push({ kind: 'counters', stream: counters.number, ...counts })
    for (const block of predictions) bytes += addPredictions(block, entries, transfers)
    const ticket = this.#queue.enqueue(entries, bytes, transfers)
    this.#consumers.set(consumer, position)
    this.#tookEvents(length, knownAt)
    addCounts(counters, counts)
    return { firstOffset, generation: this.#generation, knownAt, ticket }
  }

  appendDeadLetters(letters: readonly NewDeadLetter[]) {
    const entries: LogEntry[] = []
    const bytes = this.#addDeadLetters(letters, entries)
    return this.#queue.enqueue(entries, bytes)
  }

  changeLetters(changes: readonly LetterChange[]) {
    const entries: LogEntry[] = []
    const bytes = addLetterChanges(changes, this.#clock.now(), entries)
    return this.#queue.enqueue(entries, bytes)
  }

  durable(ticket: number) {
    return this.#queue.durable(ticket)
  }

  drained() {
    return this.#queue.drained()
  }

  async ready() {
    while (this.#gate !== undefined) await this.#gate
    await this.#queue.ready()
  }

  room() {
    return this.#queue.ready()
  }

  createPredictionBlock(layout: PredictionLayout) {
    if (this.#nextBlock + BLOCKS_RESERVED / 2 > this.#reservedBlocks) this.#reserveBlocks()
    return new PredictionBlock(this.#nextBlock++, layout, this.#queue.spare)
  }

  appendPredictions(block: PredictionBlock) {
    const entries: LogEntry[] = []
    const transfers: ArrayBuffer[] = []
    const bytes = addPredictions(block, entries, transfers)
    return this.#queue.enqueue(entries, bytes, transfers)
  }

  readPrediction(id: string) {
    const place = parsePredictionId(id)
    const stored = place === undefined ? undefined : this.#reader.block(place.block)
    if (place !== undefined && stored !== undefined) {
      const block = decodePredictions(place.block, stored.data, stored.sequence)
      if (place.index < block.length) return predictionAt(block, place.index)
    }
    throw new TruelineError('unknown_prediction', `There is no prediction '${id}' in the log.`, { path: id })
  }

  async *scanPredictions(filter = {}) {
    for (const { number, sequence } of this.#reader.blocks(filter, this.predictionTable.movedSequence)) {
      const stored = this.#reader.block(number)
      // In another thread, so that others have their turn in a long scan.
      if (stored === undefined) continue
      const block = await readPredictionBlock(number, stored.data, sequence)
      freeMemory(stored.data)
      yield block
    }
  }

  deadLetters(query: Parameters<EventLog['deadLetters']>[0]) {
    return this.#reader.deadLetters(query)
  }

  deadLettersAfter(...query: Parameters<EventLog['deadLettersAfter']>) {
    return this.#reader.deadLettersAfter(...query)
  }

  deadLetter(number: number) {
    return this.#reader.deadLetter(number)
  }

  letterHistory(number: number) {
    return this.#reader.letterHistory(number)
  }

  conservation(stream: string): Conservation {
    const { accepted, duplicates, rejected, mended } = this.#streams.get(stream) ?? noCounts
    return { received: accepted + duplicates + rejected, accepted, duplicates, rejected, mended }
  }

  readTail(stream: string, fromOffset: number, toOffset: number, limit: number) {
    const number = this.#streams.get(stream)?.number
    return number === undefined
      ? []
      : this.#reader.tail(number, Math.max(fromOffset, this.#flushedOffset + 1), toOffset, limit)
  }

  tailHasRevisions(stream: string) {
    const number = this.#streams.get(stream)?.number
    return number !== undefined && this.#reader.tailHasRevisions(number, this.#flushedOffset + 1)
  }

  countTail(stream: string, offset: number) {
    const number = this.#streams.get(stream)?.number
    return number === undefined ? 0 : this.#reader.countTail(number, Math.max(offset, this.#flushedOffset) + 1)
  }

  tailStreams(fromOffset: number, toOffset: number) {
    return this.#reader.tailStreams(Math.max(fromOffset, this.#flushedOffset + 1), toOffset)
  }

  lakeFiles(stream?: string) {
    return this.lakeTable.files(stream).filter(({ lastOffset }) => lastOffset <= this.#flushedOffset)
  }

  importedRows(stream: string, source: Digest) {
    return this.#reader.importedRows(stream, source)
  }

  async recordLakeFiles({ files, flushedOffset, imported, publish }: LakeWrite) {
    const entries: LogEntry[] = []
    const numbered = files.map((file) => ({ ...file, streamNumber: this.#stream(file.stream, entries).number }))
    if (imported === undefined) {
      entries.push({ kind: 'lake', files: numbered, flushedOffset })
    } else {
      const { stream, source, path, generation, accepted, duplicates, rejected, retried = [], lastKnownAt } = imported
      const counters = this.#stream(stream, entries)
      const importedAt = this.#clock.now()
      const rows = accepted + duplicates + rejected.length
      const record = { stream: counters.number, source, path, generation, importedAt, rows, lastKnownAt }
      entries.push({ kind: 'lake', files: numbered, flushedOffset, imported: record })
      const mended = retried.length === 0 ? 0 : accepted + duplicates
      const counts = { accepted, duplicates, rejected: rejected.length - mended, mended }
      entries.push({ kind: 'counters', stream: counters.number, ...counts })
      this.#addDeadLetters(rejected, entries)
      addLetterChanges(retried, this.#clock.now(), entries)
      addCounts(counters, counts)
      this.#nextOffset = Math.max(this.#nextOffset, flushedOffset + 1)
      this.#generation = generation
      this.#knownAt = Math.max(this.#knownAt, lastKnownAt)
    }
    await this.#queue.durable(this.#queue.enqueue(entries, 0))
    this.#unsettled = async () => {
      await publish()
      this.#flushedOffset = flushedOffset
      this.#trim().catch(ignoreWhenStopped)
    }
    try {
      await this.settleLakeFiles()
    } catch (cause) {
      // The state must meet no later event before these, and nobody can read them yet.
      throw imported === undefined ? cause : this.refuse(unpublished(imported, cause))
    }
  }

  async settleLakeFiles() {
    await this.#unsettled?.()
    this.#unsettled = undefined
  }

  async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    while (this.#gate !== undefined) await this.#gate
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#gate = promise
    try {
      // Whoever has just passed `ready` may still append before the next turn.
      await setImmediate()
      this.#shut = true
      await this.#queue.drained()
      return await work()
    } finally {
      this.#shut = false
      this.#gate = undefined
      resolve()
    }
  }

  async close() {
    try {
      if (this.#queue.failure === undefined) await this.#queue.drained()
    } finally {
      // The last connection to close merges the write-ahead log into the file, and a reader cannot.
      this.#database.close()
      await this.#queue.close()
    }
  }

  #stream(name: string, entries: LogEntry[]): StreamCounters {
    let counters = this.#streams.get(name)
    if (counters === undefined) {
      counters = { number: this.#streams.size, ...noCounts }
      this.#streams.set(name, counters)
      entries.push({ kind: 'stream', number: counters.number, name })
    }
    return counters
  }

  /** Where the next event of a stream goes. */
  #nextPlace({ number }: StreamCounters) {
    return { stream: number, firstOffset: this.#nextOffset, generation: this.#generation }
  }

  #tookEvents(length: number, knownAt: number): void {
    this.#nextOffset += length
    if (length > 0) this.#knownAt = knownAt
  }

  #addDeadLetters(letters: readonly NewDeadLetter[], entries: LogEntry[]): number {
    return addDeadLetters(letters, this.#clock.now(), (stream) => this.#stream(stream, entries).number, entries)
  }

  #reserveBlocks(): void {
    this.#reservedBlocks = this.#nextBlock + BLOCKS_RESERVED
    this.#queue.enqueue([{ kind: 'reserve', blocks: this.#reservedBlocks }], 0)
  }

  /** Drops what the lake holds, step by step between other commits. */
  async #trim(): Promise<void> {
    let from = this.#reader.oldestOffset()
    while (from !== undefined && from <= this.#flushedOffset) {
      const throughOffset = Math.min(from + TRIM_STEP - 1, this.#flushedOffset)
      await this.durable(this.#queue.enqueue([{ kind: 'trim', throughOffset }], 0))
      from = throughOffset + 1
    }
  }
}

function unpublished({ stream, accepted }: ImportRecord, cause: unknown): TruelineError {
  return new TruelineError('log_unavailable', `The file of ${accepted} imported rows of '${stream}' has no name yet.`, {
    path: stream,
    remedy: 'The rows are imported: start again, and the file gets its name before anything else is taken.',
    cause,
  })
}

/** A log that has failed tells everybody who writes; a closed one goes on trimming when it is opened again. */
function ignoreWhenStopped(thrown: unknown): void {
  if (!(thrown instanceof TruelineError)) throw thrown
}
