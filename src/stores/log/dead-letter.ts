import type { ErrorCode } from '../../core/error-codes.ts'

/** Where a row was refused. */
export type DeadLetterScope = 'ingest' | 'import' | 'label' | 'scoring'

/** A refused row with its reason. Neither the reason nor the row shows a value of a sensitive column. */
export interface NewDeadLetter {
  readonly stream: string
  readonly scope: DeadLetterScope
  readonly code: ErrorCode
  readonly reason: string
  /** The column at fault. */
  readonly path?: string
  /** The row as JSON text, sensitive values masked, cut where it is very long. */
  readonly row: string
  /** Something of the row is masked or cut, so that it cannot be tried again as it is stored. */
  readonly partial?: boolean
  /** The file or producer that it came from. */
  readonly source?: string
}

/**
 * What became of it: `open`, nothing yet; `fixed`, accepted with other values; `replayed`, accepted as it was;
 * `discarded`, given up with a reason.
 */
export type DeadLetterState = 'open' | 'fixed' | 'replayed' | 'discarded'

export interface DeadLetter extends NewDeadLetter {
  /** Rises with every dead letter. */
  readonly number: number
  /** Microseconds. */
  readonly receivedAt: number
  readonly state: DeadLetterState
  /** How often it was tried again. */
  readonly attempts: number
}

/** Something that was done with a dead letter; never changed once it is written. */
export interface LetterChange {
  readonly letter: number
  readonly outcome: 'accepted' | 'duplicate' | 'rejected' | 'discarded'
  /** The state from here on. */
  readonly state: DeadLetterState
  readonly by: string
  /** How the row was changed, in words. */
  readonly how?: string
  /** Why it was rejected again, or discarded. */
  readonly code?: ErrorCode
  readonly reason?: string
  /** The row that was tried, masked as the letter's own. */
  readonly row?: string
}

export interface LetterHistory extends LetterChange {
  /** Microseconds. */
  readonly at: number
}

/** Which dead letters. */
export interface DeadLetterFilter {
  readonly stream?: string
  readonly code?: string
  readonly scope?: DeadLetterScope
  readonly state?: DeadLetterState
}

/** A page of them, newest first. */
export interface DeadLetterQuery extends DeadLetterFilter {
  readonly limit?: number
  readonly offset?: number
}

export interface DeadLetterPage {
  /** How many match the query. */
  readonly total: number
  /** How many match the query, by stream and code, most first. */
  readonly groups: readonly { readonly stream: string; readonly code: string; readonly count: number }[]
  readonly rows: readonly DeadLetter[]
}

/**
 * What became of the rows of a stream: received = accepted + duplicates + rejected, always. Each row that came counts
 * once, as what became of it last: one that was mended is no longer rejected.
 */
export interface Conservation {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
  /** Of those accepted or duplicates: how many were rejected at first, and mended later. */
  readonly mended: number
}
