import type { Digest } from '../../core/digest.ts'
import type { ColumnChange } from './column-changes.ts'
import type { LocalTime } from './local-times.ts'
import type { SourceColumns } from './source-page.ts'

/** What is known of a source between its runs. Times are microseconds. */
export interface SourceState {
  /** Of what its positions are about: where it reads, and by what. */
  readonly origin: Digest
  /** A first run has read everything that was there: what comes from then on comes now. */
  readonly started: boolean
  /** The columns that its rows are taken by. */
  readonly columns?: SourceColumns
  /** Other columns that were found and are not accepted yet. */
  readonly found?: {
    readonly columns: SourceColumns
    readonly changes: readonly ColumnChange[]
    /** Number of the run that saw them last. */
    readonly run: number
  }
  /** The first time that named no zone, where the source names none either. */
  readonly localTime?: LocalTime
  /** Number of a run that met rows whose ids it could not tell, or did not take: what it did not see may still be there. */
  readonly unclear?: number
  /** The run began whose sweep was whole last. */
  readonly sweptAt?: number
  /** Turns that failed in a row. */
  readonly failures: number
  /** No turn before. */
  readonly notBefore?: number
  /** A new row came last. */
  readonly newestRowAt?: number
  /** The first run began. */
  readonly since?: number
  readonly watermark?: string
}

/** Whether its peer is left alone: `half_open` while one attempt is to decide. */
export type BreakerState = 'closed' | 'open' | 'half_open'
