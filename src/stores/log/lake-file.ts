import type { Digest } from '../../core/digest.ts'
import type { LetterChange, NewDeadLetter } from './dead-letter.ts'

/** A Parquet file of events in the lake: a line of the lake's manifest. */
export interface LakeFile {
  /** Below the lake's folder. */
  readonly path: string
  readonly stream: string
  /** Of its last row: those of a file that others were merged into may be of earlier ones. */
  readonly generation: number
  /** Offsets of its first and last row; other streams' events may lie between. */
  readonly firstOffset: number
  readonly lastOffset: number
  readonly rows: number
  readonly bytes: number
  readonly digest: Digest
  /** Range of the event times, microseconds, inclusive. */
  readonly firstEventTime: number
  readonly lastEventTime: number
  /** Range of known_at, microseconds, inclusive. */
  readonly firstKnownAt: number
  readonly lastKnownAt: number
}

/** What a flush or an import makes durable in one transaction, once its files are on disk under provisional names. */
export interface LakeWrite {
  readonly files: readonly LakeFile[]
  /** From here on all events at or below it are read from the lake. */
  readonly flushedOffset: number
  readonly imported?: ImportRecord
  /** Gives the files their names, when the transaction is durable and before anybody reads them. */
  publish(): Promise<void>
}

/** One imported source, so that importing it again changes nothing. */
export interface ImportRecord {
  readonly stream: string
  /** Digest of the source's bytes and of how it was read. */
  readonly source: Digest
  readonly path: string
  readonly generation: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: readonly NewDeadLetter[]
  /** See `IngestedRows.retried`. */
  readonly retried?: readonly LetterChange[]
  /** Greatest known_at of the accepted rows, microseconds. */
  readonly lastKnownAt: number
}
