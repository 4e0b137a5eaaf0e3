import { type ErrorCode, errorCodes } from './error-codes.ts'

/** What an error may carry besides its code and message. */
export interface ErrorDetails {
  /** Where it happened: a file, a definition, a column, a path inside a request. */
  readonly path?: string
  /** What to do next, when more can be said than the table of codes says. */
  readonly remedy?: string
  /** Seconds after which the same may be asked again. */
  readonly retryAfter?: number
  readonly cause?: unknown
}

/** The one error class of the platform: a code of the table, what happened, where, and what to do next. */
export class TruelineError extends Error {
  readonly code: ErrorCode
  readonly path: string | undefined
  readonly remedy: string
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? {} : { cause: details.cause })
    this.name = 'TruelineError'
    this.code = code
    this.path = details.path
    this.remedy = details.remedy ?? errorCodes[code].remedy
    this.retryAfter = details.retryAfter
  }

  /** The HTTP status that goes with the code. */
  get status(): number {
    return errorCodes[this.code].status
  }

  /** The one JSON shape of errors. */
  toJSON(): { error: string; code: ErrorCode; path?: string; remedy: string } {
    const path = this.path === undefined ? {} : { path: this.path }
    return { error: this.message, code: this.code, ...path, remedy: this.remedy }
  }
}

/**
 * Any thrown value as a TruelineError; what is not one becomes `internal`, with the original as its cause and its message on
 * one line, as a table of errors shows it.
 */
export function asTruelineError(thrown: unknown): TruelineError {
  if (thrown instanceof TruelineError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new TruelineError('internal', message.replaceAll(/\s*\n\s*/g, ' '), { cause: thrown })
}
