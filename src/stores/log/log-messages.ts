import type { ConsumerPosition } from './consumer.ts'
import type { DeadLetterScope, LetterChange } from './dead-letter.ts'
import type { Revisions } from './event-batch.ts'
import type { LakeFile } from './lake-file.ts'
import type { PredictionColumns } from './prediction-codec.ts'
import type { PredictionFile, RemovalReason } from './prediction-file.ts'

/** What the owner passes when it starts the log's writer. */
export interface LogWorkerData {
  readonly path: string
  /** What rows of predictions are masked with. */
  readonly secret?: Uint8Array
  /** Most pages that the file may have: a disk that fills up, for tests. */
  readonly maxPages?: number
}

/** What the owner's thread sends to the log's writer. Entries are committed in order, a message's never apart. */
export type LogRequest =
  | { readonly kind: 'commit'; readonly ticket: number; readonly entries: readonly LogEntry[] }
  | { readonly kind: 'close' }

/** What the writer answers, with the buffers that came with what it committed. After `failed` it commits nothing more. */
export type LogResponse =
  | { readonly kind: 'committed'; readonly ticket: number; readonly buffers: readonly ArrayBuffer[] }
  | { readonly kind: 'failed'; readonly code: 'disk_full' | 'log_unavailable'; readonly message: string }
  | { readonly kind: 'closed' }

export type LogEntry =
  | StreamEntry
  | EventsEntry
  | CountersEntry
  | DeadLettersEntry
  | LetterChangesEntry
  | PredictionsEntry
  | PredictionFilesEntry
  | RemovePredictionsEntry
  | TrimPredictionsEntry
  | ConsumerEntry
  | ReserveEntry
  | LakeEntry
  | ReplaceLakeFilesEntry
  | RemoveLakeFilesEntry
  | TrimEntry

/** A stream's first use gives it a number. */
interface StreamEntry {
  readonly kind: 'stream'
  readonly number: number
  readonly name: string
}

/** Events of one stream with consecutive offsets, column by column: an object for each would cross threads slowly. */
export interface EventsEntry {
  readonly kind: 'events'
  readonly stream: number
  readonly firstOffset: number
  readonly generation: number
  readonly knownAt: number
  readonly partitions: Uint8Array
  readonly eventTimes: Float64Array
  readonly ids: readonly string[]
  readonly keys: readonly string[]
  readonly rows: readonly string[]
  /** Absent where every event has revision 0. */
  readonly revisions?: Revisions
}

/** What is added to a stream's counters; a mended row is one less rejected. */
export interface CountersEntry {
  readonly kind: 'counters'
  readonly stream: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  readonly mended: number
}

export interface DeadLettersEntry {
  readonly kind: 'deadLetters'
  readonly receivedAt: number
  readonly letters: readonly StoredDeadLetter[]
}

/** Stream, scope, code, reason, path, row, source, partial (0 or 1). */
export type StoredDeadLetter = readonly [
  ...[number, DeadLetterScope, string, string, string | null, string, string | null],
  number,
]

export interface LetterChangesEntry {
  readonly kind: 'letterChanges'
  readonly at: number
  readonly changes: readonly LetterChange[]
}

export interface PredictionsEntry {
  readonly kind: 'predictions'
  readonly number: number
  readonly columns: PredictionColumns
}

/** Files of predictions that are part of the lake now, and how far the blocks are that they hold. */
export interface PredictionFilesEntry {
  readonly kind: 'predictionFiles'
  readonly files: readonly PredictionFile[]
  readonly movedSequence: number
}

export interface RemovePredictionsEntry {
  readonly kind: 'removePredictions'
  readonly paths: readonly string[]
  readonly removedAt: number
  readonly reason: RemovalReason
}

/** Drops blocks that the lake holds; housekeeping, in small steps. */
interface TrimPredictionsEntry {
  readonly kind: 'trimPredictions'
  readonly throughSequence: number
}

/** Where a consumer stands. */
export interface ConsumerEntry {
  readonly kind: 'consumer'
  readonly name: string
  readonly position: ConsumerPosition
}

/** Block numbers below this are spoken for: a restart goes on from here. */
interface ReserveEntry {
  readonly kind: 'reserve'
  readonly blocks: number
}

/** A file of the lake with its stream's number in the log. */
export type NumberedLakeFile = LakeFile & { readonly streamNumber: number }

export interface LakeEntry {
  readonly kind: 'lake'
  readonly files: readonly NumberedLakeFile[]
  readonly flushedOffset: number
  readonly imported?: {
    readonly stream: number
    readonly source: string
    readonly path: string
    readonly generation: number
    readonly importedAt: number
    readonly rows: number
    readonly lastKnownAt: number
  }
}

/** A file of the lake that holds from now on what others held. */
interface ReplaceLakeFilesEntry {
  readonly kind: 'replaceLakeFiles'
  readonly file: NumberedLakeFile
  readonly replaced: readonly string[]
}

/** Files of the lake that were replaced, and may go. */
interface RemoveLakeFilesEntry {
  readonly kind: 'removeLakeFiles'
  readonly paths: readonly string[]
  readonly removedAt: number
}

/** Drops events of the tail that the lake holds; housekeeping, in small steps. */
export interface TrimEntry {
  readonly kind: 'trim'
  readonly throughOffset: number
}
