import type { EngineGroup } from './feature-engine.ts'

/** How fresh what a group of features answers is. Times and ages are microseconds. */
export interface GroupFreshness {
  readonly group: string
  /** What was applied: the offset of the last event, -1 before any, and when the newest became known. */
  readonly asOf: { readonly position: number; readonly knownAt?: number }
  /** How long ago the newest event became known; absent before any. */
  readonly age?: number
  /** The oldest that the group's definition promises. */
  readonly promised?: number
  /** The newest event is older than promised, or there is none: what is answered may no longer be so. */
  readonly degraded: boolean
}

/**
 * How fresh the answers of a group are.
 * @param now microseconds; the time of the question where that lies before
 */
export function freshnessOf(group: EngineGroup, now: number): GroupFreshness {
  const { definition, live, knownAt } = group
  const { name, freshness: promised } = definition
  const isKnown = Number.isFinite(knownAt)
  const age = Math.max(0, now - knownAt)
  return {
    group: name,
    asOf: { position: live.position, ...(isKnown ? { knownAt } : {}) },
    ...(isKnown ? { age } : {}),
    ...(promised === undefined ? {} : { promised }),
    degraded: isDegraded(group, now),
  }
}

/** Whether the newest event of a group is older than its definition promises, or there is none. */
export function isDegraded({ definition, knownAt }: EngineGroup, now: number): boolean {
  return definition.freshness !== undefined && !(now - knownAt <= definition.freshness)
}
