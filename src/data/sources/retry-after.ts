import type { TruelineError } from '../../core/errors.ts'
import { SECOND } from '../../core/time.ts'

/** The cause of an error of a peer that said when to come again. */
export class RetryAfter extends Error {
  /** Microseconds from its answer. */
  readonly wait: number

  constructor(wait: number) {
    super('The peer said when to come again.')
    this.wait = wait
  }
}

/** How long the peer asked to wait, microseconds; 0 when it did not. */
export function waitAskedFor({ cause }: TruelineError): number {
  return cause instanceof RetryAfter ? cause.wait : 0
}

/** The wait of a `Retry-After` header: seconds, or a date that is compared with the peer's own (RFC 9110, 10.2.3). */
export function waitOfHeader(header: string | null, date: string | null): number {
  if (header === null) return 0
  if (/^\d{1,9}$/.test(header)) return Number(header) * SECOND
  const wait = Date.parse(header) - Date.parse(date ?? '')
  return wait > 0 ? wait * 1000 : 0
}
