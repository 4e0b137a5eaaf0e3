/**
 * What protects a running platform from more than it can answer. Times are microseconds, sizes bytes; every member of a
 * project's definition is explicit.
 */
export interface LimitsDefinition {
  readonly kind: 'limits'
  /** Longest that a request for predictions may take from its arrival to its answer; a client may ask for less. */
  readonly deadline: number
  /** Requests for predictions that may wait for their turn, and the bytes of their bodies. */
  readonly queue: { readonly requests: number; readonly bytes: number }
  /** Largest body of any request. */
  readonly body: number
  /** Most connections at a time. */
  readonly connections: number
  /** How much one client may ask for; absent: as much as it likes. */
  readonly rate?: RateDefinition
  /** When history that fails or is slow is left alone for a while. */
  readonly breaker: BreakerDefinition
  /** How long the platform goes on answering when it was told to stop, and says that it is not ready. */
  readonly notice: number
}

/** A bucket of tokens for each client: a request takes one, and they come back at an even rate. */
export interface RateDefinition {
  readonly requests: number
  readonly per: number
  /** Requests that may come at once after a quiet time. */
  readonly burst: number
  /** Name of the header that says who asks, in lower case; absent: the address of the connection. */
  readonly header?: string
  /** Clients that are told apart; those beyond share one bucket. */
  readonly clients: number
}

export interface BreakerDefinition {
  /** Failures in a row after which it opens. */
  readonly failures: number
  /** A read that takes longer counts as a failure. */
  readonly slow: number
  /** How long it stays open before one read is tried again. */
  readonly pause: number
}
