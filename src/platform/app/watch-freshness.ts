import { formatDuration, formatSpan, SECOND } from '../../core/time.ts'
import type { EngineGroup } from '../../data/features/feature-engine.ts'
import { freshnessOf } from '../../data/features/freshness.ts'
import type { AlertLog } from '../../operate/monitoring/alert-desk.ts'

/** To look up all groups takes a while. */
const BETWEEN = 10 * SECOND

/**
 * Writes into the platform's own log when a group becomes older than it promises, and when it is fresh again.
 * @param groups those in force
 * @returns what to call again and again with the platform's time (microseconds)
 */
export function createFreshnessWatch(groups: () => readonly EngineGroup[], log: AlertLog): (now: number) => void {
  const degraded = new Set<string>()
  let due = -Infinity
  return (now) => {
    if (now < due) return
    due = now + BETWEEN
    for (const engineGroup of groups()) {
      if (engineGroup.definition.freshness === undefined) {
        // What is promised no more is no longer missed.
        degraded.delete(engineGroup.definition.name)
        continue
      }
      const { group, age, promised, degraded: isDegraded, asOf } = freshnessOf(engineGroup, now)
      if (isDegraded === degraded.has(group)) continue
      const seconds = (span: number) => Math.round(span / SECOND)
      const fields = { group, position: asOf.position, ...(age === undefined ? {} : { age: seconds(age) }) }
      const promise = `${formatDuration(promised!)} is promised`
      const newest = age === undefined ? 'it has no event yet' : `its newest event became known ${formatSpan(age)} ago`
      if (isDegraded) {
        degraded.add(group)
        log.warn(fields, `Features of ${group} are degraded: ${newest}, and ${promise}.`)
      } else {
        degraded.delete(group)
        log.info(fields, `Features of ${group} are fresh again: ${newest}, and ${promise}.`)
      }
    }
  }
}
