import { DAY } from '../../core/time.ts'

/** A version that was promoted unasked, whose outcomes are compared with those of the version before it. */
export interface Canary {
  /** Number of the decision that led to it. */
  readonly decision: number
  readonly version: number
  readonly previous: number
  /** Microseconds. */
  readonly since: number
  readonly until: number
  /** When it was looked at last; absent before the first look. */
  readonly looked?: number
}

/** Predictions are looked at again when a day of them has got its outcomes. */
const LOOK_EVERY = DAY

/** When a canary is looked at next, microseconds: as often as it may be at most, however often the platform was started. */
export function nextLook({ since, looked = since }: Canary): number {
  return since + (Math.floor((looked - since) / LOOK_EVERY) + 1) * LOOK_EVERY
}

/** How often a canary is looked at, at most. */
export function looksAt({ since, until }: Canary): number {
  return Math.max(1, Math.ceil((until - since) / LOOK_EVERY))
}

/**
 * A canary as it is at `now`. When the clock went back, one that began in the future began now, and takes as long as it would have: it
 * neither waits for a wrong time nor holds up what comes after it.
 */
export function canaryAt(canary: Canary, now: number): Canary {
  const { since, until, looked } = canary
  if (since <= now) return looked === undefined || looked <= now ? canary : { ...canary, looked: now }
  const { looked: _, ...rest } = canary
  return { ...rest, since: now, until: until - (since - now) }
}
