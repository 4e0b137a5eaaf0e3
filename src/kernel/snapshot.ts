import { type Digest, digestOf } from '../core/digest.ts'
import type { GroupPlan } from './plan.ts'

/** What a group knows besides its entities. */
export interface GroupState {
  /** Position of the last event applied, -1 before the first. */
  readonly position: number
  /** Greatest event time, and the one before which entities may have been let go of; microseconds, or -Infinity. */
  readonly newest: number
  readonly forgottenBefore: number
}

/** The state of a live group at one position of the log, handed out while the group goes on. */
export interface GroupSnapshot {
  readonly state: GroupState
  /** Chunks of records of entities, each a fraction of a millisecond's work; undefined where a step gave none. */
  readonly chunks: Generator<Float64Array | undefined>
  /** Ends it; to be called also when not all chunks were taken, so that nothing is kept for them any more. */
  end(): void
}

/** Raised when records of the same plan are written in another way than before. */
const RECORD_VERSION = 3

/**
 * Digest of how a plan's records are written: all that the plan says of lanes, states and windows, in its order. A state
 * is of use only to a plan with the same one.
 */
export function layoutOf(plan: GroupPlan): Digest {
  const written = JSON.stringify({ version: RECORD_VERSION, plan }, (_, value: unknown) => {
    if (typeof value === 'function') return 'function'
    return value instanceof Float64Array ? [...value] : value
  })
  return digestOf(written)
}
