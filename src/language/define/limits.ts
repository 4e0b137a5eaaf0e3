import { type Duration, parseDuration } from '../../core/time.ts'
import { checkOptions } from './check-options.ts'
import type { LimitsDefinition, RateDefinition } from './limits-definition.ts'
import { withHidden } from './mentions.ts'

export interface LimitsOptions {
  /** Longest that a request for predictions may take; default 10s. A client asks for less with `x-request-timeout-ms`. */
  readonly deadline?: Duration
  /** Requests for predictions that may wait (default 1,024), and the bytes of their bodies (default 64 MiB). */
  readonly queue?: { readonly requests?: number; readonly bytes?: number }
  /** Largest body of a request, bytes; default 16 MiB. */
  readonly body?: number
  /** Most connections at a time; default 10,000. */
  readonly connections?: number
  /** How much one client may ask for; without it there is no such limit. */
  readonly rate?: RateOptions
  /** When history that fails (default: 5 times in a row) or is slow (5s) is left alone for a while (10s). */
  readonly breaker?: { readonly failures?: number; readonly slow?: Duration; readonly pause?: Duration }
  /** How long to go on answering when told to stop, while saying to be not ready; default 0s. */
  readonly notice?: Duration
}

export interface RateOptions {
  readonly requests: number
  /** Default 1s. */
  readonly per?: Duration
  /** Requests that may come at once; default: as many as in `per`. */
  readonly burst?: number
  /** Name of the header that says who asks, such as `x-api-key`; default: the address of the connection. */
  readonly header?: string
  /** Clients that are told apart; default 10,000. */
  readonly clients?: number
}

/**
 * What protects the platform from more than it can answer; a project has at most one such definition, and without one
 * every member has its default.
 * @example limits({ deadline: '2s', rate: { requests: 200, burst: 400, header: 'x-api-key' } })
 * @throws TruelineError `definition_invalid` for an option that does not exist or a text that is no duration
 */
export function limits(options: LimitsOptions = {}): LimitsDefinition {
  checkOptions('limits', options, {
    ...{ deadline: true, queue: true, body: true, connections: true, rate: true, breaker: true, notice: true },
  })
  const { queue = {}, breaker = {}, rate } = options
  checkOptions('limits, queue', queue, { requests: true, bytes: true })
  checkOptions('limits, breaker', breaker, { failures: true, slow: true, pause: true })
  const definition: LimitsDefinition = {
    kind: 'limits',
    deadline: parseDuration(options.deadline ?? '10s', 'limits, deadline'),
    queue: { requests: queue.requests ?? 1024, bytes: queue.bytes ?? 64 * 2 ** 20 },
    body: options.body ?? 16 * 2 ** 20,
    connections: options.connections ?? 10_000,
    ...(rate === undefined ? {} : { rate: rateOf(rate) }),
    breaker: {
      failures: breaker.failures ?? 5,
      slow: parseDuration(breaker.slow ?? '5s', 'limits, breaker.slow'),
      pause: parseDuration(breaker.pause ?? '10s', 'limits, breaker.pause'),
    },
    notice: parseDuration(options.notice ?? '0s', 'limits, notice'),
  }
  return withHidden(definition, [], {})
}

function rateOf(options: RateOptions): RateDefinition {
  checkOptions('limits, rate', options, { requests: true, per: true, burst: true, header: true, clients: true })
  const { requests, per = '1s', burst = requests, header, clients = 10_000 } = options
  return {
    ...{ requests, per: parseDuration(per, 'limits, rate.per'), burst, clients },
    ...(header === undefined ? {} : { header: header.toLowerCase() }),
  }
}
