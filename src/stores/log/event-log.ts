import type { Digest } from '../../core/digest.ts'
import type { TruelineError } from '../../core/errors.ts'
import type { ConsumedBatch, ConsumerPosition } from './consumer.ts'
import type {
  Conservation,
  DeadLetter,
  DeadLetterFilter,
  DeadLetterPage,
  DeadLetterQuery,
  LetterChange,
  LetterHistory,
  NewDeadLetter,
} from './dead-letter.ts'
import type { Revisions } from './event-batch.ts'
import type { LakeFile, LakeWrite } from './lake-file.ts'
import type { LakeTable } from './lake-table.ts'
import type { DecodedPredictions, Prediction, PredictionBlock, PredictionLayout } from './prediction-block.ts'
import type { PredictionTable } from './prediction-file.ts'

/**
 * The durable record of everything that happened: events, predictions and rejected rows in one total order. What was
 * enqueued earlier is never durable later, so nothing durable depends on something lost (docs/adr/0001).
 *
 * Every method may throw `log_unavailable` or `disk_full` once a write has failed: from then on the log refuses
 * everything until the directory is opened again.
 */
export interface EventLog {
  /** What made the log refuse everything, if anything did. */
  readonly failure: TruelineError | undefined
  /** Lets the log refuse everything from now on, unless it does already; gives what made it so. */
  refuse(failure: TruelineError): TruelineError
  /** The offset that the next accepted event gets; offsets are dense and rise over all streams together. */
  readonly nextOffset: number
  /** Rises by one at every import: events of one generation became known in the order of their offsets. */
  readonly generation: number
  /** All events at or below it are in the lake; those above it are the log's tail. -1 before the first flush. */
  readonly flushedOffset: number
  /** `known_at` of an event appended now: the clock, never less than that of any event before. Microseconds. */
  knownAt(): number
  /** @throws TruelineError what `append` would throw now: `overloaded` during an import, or the log's failure */
  assertAppendable(): void
  /**
   * Enqueues what one ingest call accepted and rejected, to be committed whole, and gives the accepted events their
   * offsets. Returns before the rows are durable: acknowledge only after `durable(ticket)`.
   */
  append(rows: IngestedRows): Appended
  /** Enqueues rejected rows that belong to no ingest call, such as outcomes older than their prediction. */
  appendDeadLetters(letters: readonly NewDeadLetter[]): number
  /** Enqueues what was done with dead letters whose rows were not tried again. */
  changeLetters(changes: readonly LetterChange[]): number
  /** Resolves when everything up to this ticket is on disk. */
  durable(ticket: number): Promise<void>
  /** Resolves when everything enqueued so far is on disk. */
  drained(): Promise<void>
  /** Resolves when the queue has room and no import is under way: await it before `append` (back-pressure). */
  ready(): Promise<void>
  /** Resolves when the queue has room, for what is no event: an import does not hold it up. */
  room(): Promise<void>

  /** Where a consumer stands, with all that it has enqueued; undefined before it began. */
  consumer(name: string): ConsumerPosition | undefined
  /** Lets a consumer begin at a position; what it consumed before, under the same name, is forgotten. */
  beginConsumer(name: string, position: ConsumerPosition): number
  /**
   * Enqueues what a consumer made of a part of its stream, to be committed whole: outputs, predictions, dead letters and
   * its new offset. Await `ready` before.
   * @throws TruelineError `internal` when the consumer does not stand where the batch begins
   */
  commitConsumed(batch: ConsumedBatch): Appended

  /** An empty block for predictions of one model version; its number is never given again, even after a crash. */
  createPredictionBlock(layout: PredictionLayout): PredictionBlock
  /** Enqueues a block that has at least one prediction; nothing may be added to it afterwards. */
  appendPredictions(block: PredictionBlock): number
  /** Where predictions leave the log for the lake: what is read of both is `Predictions`. */
  readonly predictionTable: PredictionTable
  /**
   * One durable prediction of the log's own table.
   * @throws TruelineError `unknown_prediction`
   */
  readPrediction(id: string): Prediction
  /**
   * Durable blocks of the log's own table that hold a row in the range, in the order in which they became durable; whole
   * blocks, so test each row's time.
   */
  scanPredictions(filter?: PredictionFilter): AsyncIterable<DecodedPredictions>

  deadLetters(query: DeadLetterQuery): DeadLetterPage
  /** Durable dead letters above a number, lowest first. */
  deadLettersAfter(number: number, filter: DeadLetterFilter, limit: number): readonly DeadLetter[]
  /** One durable dead letter; undefined when there is none with this number. */
  deadLetter(number: number): DeadLetter | undefined
  /** What was done with a dead letter, first to last. */
  letterHistory(number: number): readonly LetterHistory[]
  /** What became of every row that a stream received, durable or enqueued. */
  conservation(stream: string): Conservation

  /** Events of the tail in offset order, at most `limit`; they may lack those not yet durable. */
  readTail(stream: string, fromOffset: number, toOffset: number, limit: number): readonly TailEvent[]
  /** Whether the tail, as far as it is durable, holds a revision above 0 of the stream. */
  tailHasRevisions(stream: string): boolean
  /** Durable events of a stream in the tail above an offset. */
  countTail(stream: string, offset: number): number
  /** Streams that have events in the tail between two offsets, inclusive. */
  tailStreams(fromOffset: number, toOffset: number): readonly string[]
  /** The lake's files by first offset, of one stream or of all: those that `flushedOffset` covers. */
  lakeFiles(stream?: string): readonly LakeFile[]
  /** The lines of all files of the lake, also of those that were merged into others. */
  readonly lakeTable: LakeTable
  /**
   * Records files of the lake, durable when it resolves; the part of the tail that they replace is dropped.
   * @throws TruelineError `log_unavailable` when an import is on record whose files could not be published: nothing more is
   *   appended until the next start, which publishes them
   */
  recordLakeFiles(write: LakeWrite): Promise<void>
  /** Publishes what is on record and could not be published; nothing may be moved to the lake before. */
  settleLakeFiles(): Promise<void>
  /** Rows of the source with this digest when it was imported into the stream; undefined when it never was. */
  importedRows(stream: string, source: Digest): number | undefined
  /** Runs `work` while nothing is enqueued: it starts when all before it is durable, and `ready` waits until it ends. */
  exclusively<Result>(work: () => Promise<Result>): Promise<Result>
  /** Resolves when what was enqueued is durable and the files are closed. */
  close(): Promise<void>
}

/** Accepted events, column by column, in the order of arrival. */
export interface NewEvents {
  readonly length: number
  readonly ids: readonly string[]
  /** See core/key.ts. */
  readonly keys: readonly string[]
  readonly partitions: Uint8Array
  /** Microseconds. */
  readonly eventTimes: Float64Array
  /** Values as canonical JSON. */
  readonly rows: readonly string[]
  /** Absent where every event has revision 0. */
  readonly revisions?: Revisions
}

export const noEvents: NewEvents = {
  length: 0,
  ids: [],
  keys: [],
  partitions: new Uint8Array(0),
  eventTimes: new Float64Array(0),
  rows: [],
}

/** What one ingest call did with its rows: received = accepted + duplicates + rejected. */
export interface IngestedRows {
  readonly stream: string
  readonly events: NewEvents
  readonly duplicates: number
  readonly rejected: readonly NewDeadLetter[]
  /**
   * The rows are those of dead letters that were tried again, and this is what became of each: they were received
   * before, so a row that is accepted now, or a duplicate, is no longer rejected.
   */
  readonly retried?: readonly LetterChange[]
  /** What `knownAt` gave in the same turn, where the events were judged by it. */
  readonly knownAt?: number
}

export interface Appended {
  /** Offset of the first accepted event; the others follow without gaps. */
  readonly firstOffset: number
  readonly generation: number
  readonly knownAt: number
  /** For `durable`. */
  readonly ticket: number
}

/** A stored event. Times are microseconds. */
export interface TailEvent {
  readonly offset: number
  readonly partition: number
  readonly generation: number
  readonly id: string
  readonly eventTime: number
  readonly knownAt: number
  readonly appendedAt: number
  readonly revision: number
  /** 1 for a deletion. */
  readonly tombstone: number
  /** Values as canonical JSON. */
  readonly row: string
}

export interface PredictionFilter {
  readonly model?: string
  /** Range of t, of the moment of the answer, or of either; microseconds, the end excluded. */
  readonly by?: 't' | 'servedAt' | 'either'
  readonly from?: number
  readonly to?: number
  readonly version?: number
  /** Only blocks that became durable at this sequence or later. */
  readonly sequence?: number
  /** Blocks that became durable at this sequence or before it, the last one first. */
  readonly backFrom?: number
}
