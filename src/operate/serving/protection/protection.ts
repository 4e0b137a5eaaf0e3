import type { Clock } from '../../../core/clock.ts'
import { TruelineError } from '../../../core/errors.ts'
import { createSlices, type Slices } from '../../../core/slices.ts'
import { formatDuration, SECOND } from '../../../core/time.ts'
import type { LimitsDefinition } from '../../../language/define/limits-definition.ts'
import { type Callers, createCallers } from './callers.ts'
import { type ClientRates, createClientRates } from './client-rates.ts'

/** Counts since the start. */
export interface ProtectionCounts {
  /** Requests that were refused because too many waited. */
  shed: number
  /** Requests of clients that ask too often. */
  rateLimited: number
  /** Requests that got no answer before their deadline. */
  deadlineExceeded: number
}

/** What stands between clients and predictions: who may ask, how many may wait, and until when. */
export interface Protection {
  readonly limits: LimitsDefinition
  readonly clock: Pick<Clock, 'elapsed'>
  /** For requests that take long: the others go on between their slices. */
  readonly slices: Slices
  readonly counts: ProtectionCounts
  /** Requests of each model that were refused because too many waited, of those that are watched. */
  readonly lost: Map<string, number>
  /** Who asks. */
  readonly callers: Callers
  /** Requests that wait for their turn or are being answered, and the bytes of their bodies. */
  readonly waiting: { readonly requests: number; readonly bytes: number }
  /** Requests whose bodies are still on their way, and the bytes that these are announced to have. */
  readonly coming: { readonly requests: number; readonly bytes: number }
  /** The platform was told to stop: it answers what comes, and says that it is not ready. */
  isDraining: boolean
  /** When a request was answered last, microseconds of the clock's `elapsed`; -Infinity before the first. */
  readonly lastAnswered: number
  /**
   * Takes a token of whoever asks.
   * @param client what the limit of rates tells clients by: see `limits.rate.header`
   * @throws TruelineError `rate_limited`
   */
  admit(client: string): void
  /**
   * Lets a request wait for its turn; whoever enters begins and leaves with the same number of bytes.
   * @param deadline when it must be answered, microseconds of the clock's `elapsed`
   * @returns false when the queue is full, or so long that half of the time until the deadline would be over: then the
   *   answer is `overloaded`
   */
  enter(bytes: number, deadline: number): boolean
  /** Takes note that the turn of a request has come: those behind it wait for it no more, however long it takes. */
  begin(bytes: number): void
  leave(bytes: number): void
  /**
   * Lets a request wait for its body, outside the queue: a client that is slow to send must not stand before those that are not.
   * @param own bytes that this request was let in with before: whoever is alone is not bounded
   * @returns false when as many bytes are on their way as the queue holds: then the answer is `overloaded`
   */
  comes(bytes: number, own?: number): boolean
  /** Takes note that a body of so many bytes is there, or will never be. */
  came(bytes: number): void
  /** Takes note of a model whose request was refused; names that nobody watches take no memory. */
  lose(model: string): void
  /** Takes note of how long it took to answer some requests with bodies of so many bytes together, microseconds. */
  answered(requests: number, bytes: number, took: number): void
  /** Resolves when nobody waits, and no body is on its way. */
  drained(): Promise<void>
  /**
   * When a request that has just come must be answered, microseconds of the clock's `elapsed`.
   * @param asked the header `x-request-timeout-ms`; whole milliseconds, above 0
   * @throws TruelineError `invalid_request`
   */
  deadlineOf(asked: string | undefined): number
  /** The error of a request that may not wait. */
  overloaded(): TruelineError
  /** The error of a request or a row whose deadline is over. */
  late(): TruelineError
}

/** Header by which a client says how long it waits for an answer. */
export const TIMEOUT_HEADER = 'x-request-timeout-ms'
const MILLISECOND = 1000
/** About what a request costs whatever it asks for, in bytes of its body: about two rows. */
const EACH = 256
/** How much the newest turn of the event loop says of how fast requests are answered. */
const NEWEST = 0.1
/** Estimates err, and how long a request lay in the kernel does not show: what comes too late was work for nothing. */
const MARGIN = 2
/** Seconds after which a request that found the queue full may come again. */
const SHED_RETRY_SECONDS = 1

/** @param clock times deadlines and rates */
export function createProtection(limits: LimitsDefinition, clock: Pick<Clock, 'elapsed'>): Protection {
  const counts = { shed: 0, rateLimited: 0, deadlineExceeded: 0 }
  const waiting = { requests: 0, bytes: 0 }
  const coming = { requests: 0, bytes: 0 }
  let lastAnswered = -Infinity
  /** Work of those whose turn has not come. */
  let ahead = 0
  const lost = new Map<string, number>()
  const drains: (() => void)[] = []
  /** Microseconds that a byte of work takes, by what was seen lately. */
  let perByte = 0
  const isDrained = (): boolean => waiting.requests === 0 && coming.requests === 0
  const settle = (): void => {
    if (isDrained()) for (const resolve of drains.splice(0)) resolve()
  }
  const rates: ClientRates | undefined = limits.rate === undefined ? undefined : createClientRates(limits.rate)
  return {
    ...{
      limits,
      clock,
      slices: createSlices(clock),
      callers: createCallers(),
      counts,
      lost,
      waiting,
      coming,
      isDraining: false,
    },
    get lastAnswered() {
      return lastAnswered
    },
    admit(client) {
      if (rates === undefined) return
      const wait = rates.take(client, clock.elapsed())
      if (wait === 0) return
      counts.rateLimited += 1
      const retryAfter = Math.ceil(wait / SECOND)
      const { requests, per, burst } = limits.rate!
      const allowed = `${requests} request${requests === 1 ? '' : 's'} in ${formatDuration(per)}, and ${burst} at once`
      throw new TruelineError('rate_limited', `This client asks too often: it may ask for ${allowed}.`, { retryAfter })
    },
    enter(bytes, deadline) {
      const { requests, bytes: most } = limits.queue
      // Whoever is alone is taken, also with a body larger than what may wait together.
      const isFull =
        waiting.requests > 0 &&
        (waiting.requests >= requests ||
          waiting.bytes + bytes > most ||
          clock.elapsed() + MARGIN * (ahead + EACH + bytes) * perByte > deadline)
      if (isFull) {
        counts.shed += 1
        return false
      }
      waiting.requests += 1
      waiting.bytes += bytes
      ahead += EACH + bytes
      return true
    },
    begin(bytes) {
      ahead -= EACH + bytes
    },
    leave(bytes) {
      waiting.requests -= 1
      waiting.bytes -= bytes
      lastAnswered = clock.elapsed()
      settle()
    },
    comes(bytes, own = 0) {
      if (coming.bytes > own && coming.bytes + bytes > limits.queue.bytes) {
        counts.shed += 1
        return false
      }
      coming.requests += 1
      coming.bytes += bytes
      return true
    },
    came(bytes) {
      coming.requests -= 1
      coming.bytes -= bytes
      settle()
    },
    lose(model) {
      const count = lost.get(model)
      if (count !== undefined) lost.set(model, count + 1)
    },
    answered(requests, bytes, took) {
      perByte += NEWEST * (took / (requests * EACH + bytes) - perByte)
    },
    drained: () =>
      new Promise((resolve) => {
        if (isDrained()) resolve()
        else drains.push(resolve)
      }),
    deadlineOf(asked) {
      const now = clock.elapsed()
      if (asked === undefined) return now + limits.deadline
      if (!/^\d{1,9}$/.test(asked) || Number(asked) === 0)
        throw new TruelineError('invalid_request', `The header ${TIMEOUT_HEADER} must be whole milliseconds above 0.`, {
          path: TIMEOUT_HEADER,
        })
      return now + Math.min(limits.deadline, Number(asked) * MILLISECOND)
    },
    overloaded: () =>
      new TruelineError('overloaded', 'More requests wait than can be answered in time.', {
        retryAfter: SHED_RETRY_SECONDS,
      }),
    late: () => new TruelineError('deadline_exceeded', 'The answer did not come before the deadline.'),
  }
}
