import { DAY } from '../../core/time.ts'

/** What a model promises those who ask it. Times are microseconds. */
export interface SloDefinition {
  /** Answers take at most this. */
  readonly p99?: number
  /** Share of answers that do; absent: 0.99. */
  readonly latencyTarget?: number
  /** Share of requests that are answered, or refused for a reason of whoever asks. */
  readonly availability?: number
  /** Over how long the promises are kept; absent: 30 days. */
  readonly window?: number
}

/** One promise, with its defaults. */
export interface Objective {
  readonly name: 'availability' | 'latency'
  /** Share of answers that must be good, above 0 and below 1. */
  readonly target: number
  /** An answer that takes longer is not good, microseconds; absent for availability. */
  readonly bound?: number
  /** Microseconds. */
  readonly window: number
}

const LATENCY_TARGET = 0.99
const WINDOW = 30 * DAY

/** The promises of a model. */
export function objectivesOfSlo({
  p99,
  latencyTarget = LATENCY_TARGET,
  availability,
  window = WINDOW,
}: SloDefinition = {}): readonly Objective[] {
  return [
    ...(availability === undefined ? [] : [{ name: 'availability', target: availability, window } as const]),
    ...(p99 === undefined ? [] : [{ name: 'latency', target: latencyTarget, bound: p99, window } as const]),
  ]
}
