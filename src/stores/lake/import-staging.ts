import type { Value } from '../../core/data-type.ts'
import type { Digest } from '../../core/digest.ts'
import type { LetterChange, NewDeadLetter } from '../log/dead-letter.ts'
import type { EventBatch } from '../log/event-batch.ts'

/** Checked rows of a source, ready to become history. */
export interface StagedImport {
  readonly stream: string
  /**
   * A Parquet file with `_row` (place in the source), `_id`, `_partition`, `_revision`, `_tombstone`, `_event_time`,
   * `_known_at`, and the stream's columns in their lake types.
   */
  readonly file: string
  /** Digest of the source and of how it was read: the same one is taken in once. */
  readonly source: Digest
  /** The source's name, for people. */
  readonly path: string
  /** Rows that the checks refused. */
  readonly rejected: readonly NewDeadLetter[]
  /** The dead letters of rows whose ids and revisions are there already with other content: one or more. */
  conflicts(rows: readonly ConflictingRow[]): Promise<readonly NewDeadLetter[]>
  /**
   * Given where the rows are those of dead letters, which were received before: says what is to be recorded of their
   * letters, of those that repeat a row by their place in the source, and a row in conflict stays one letter.
   */
  readonly retried?: (repeats: ReadonlyMap<number, 'duplicate' | 'conflict'>) => readonly LetterChange[]
  /** Given the accepted events in offset order before anything else is appended. */
  onImported(batch: EventBatch): void
}

/** A row whose id and revision are there already with other content. */
export interface ConflictingRow {
  /** Its `_row`. */
  readonly number: number
  readonly row: Readonly<Record<string, Value>>
}

/** What became of an import's rows: received = accepted + duplicates + rejected. */
export interface ImportedRows {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Of the accepted rows. */
  readonly generation: number
  readonly firstOffset: number
}
