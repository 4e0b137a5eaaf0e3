import type { ErrorCode } from '../../core/error-codes.ts'

/** Where a row was refused. */
export type DeadLetterScope = 'ingest' | 'import' | 'label'

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
  /** The file or producer that it came from. */
  readonly source?: string
}

export interface DeadLetter extends NewDeadLetter {
  /** Rises with every dead letter. */
  readonly number: number
  /** Microseconds. */
  readonly receivedAt: number
}

/** Which dead letters, newest first. */
export interface DeadLetterQuery {
  readonly stream?: string
  readonly code?: string
  readonly scope?: DeadLetterScope
  readonly limit?: number
  readonly offset?: number
}

export interface DeadLetterPage {
  /** How many match the query. */
  readonly total: number
  /** How many match the query, by code. */
  readonly counts: Readonly<Record<string, number>>
  readonly rows: readonly DeadLetter[]
}

/** What became of the rows of a stream: received = accepted + duplicates + rejected, always. */
export interface Conservation {
  readonly received: number
  readonly accepted: number
  readonly duplicates: number
  readonly rejected: number
}
