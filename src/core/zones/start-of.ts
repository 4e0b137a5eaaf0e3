import { type CalendarUnit, startOfUnit } from '../calendar-unit.ts'
import { HOUR } from '../time.ts'
import { zoneOffsets } from './zones.ts'

/** No zone was ever as far from UTC. */
export const FARTHEST = 26 * HOUR

/** Longest unit since 1970 in any zone: clocks were put back by at most two hours. */
const longest: Readonly<Record<CalendarUnit, number>> = {
  hour: 3 * HOUR,
  day: 26 * HOUR,
  week: (7 * 24 + 2) * HOUR,
  month: (31 * 24 + 2) * HOUR,
  quarter: (92 * 24 + 2) * HOUR,
  year: (366 * 24 + 2) * HOUR,
}

/** The longest that a unit lasts, in microseconds, changes of the clocks included. */
export function longestUnit(unit: CalendarUnit): number {
  return longest[unit]
}

/**
 * A function that gives the moment at which the unit around a time began: the first moment at which the wall clock of the
 * zone showed the unit's beginning or, where that was skipped, a later time. An hour that the clock shows twice is one
 * unit of two hours. Times are microseconds since the epoch.
 * @throws TruelineError `unknown_zone`
 * @example startOf('day', 'America/Chicago')(parseTime('2026-03-08T12:00Z')) // 2026-03-08T06:00Z
 */
export function startOf(unit: CalendarUnit, zone: string): (time: number) => number {
  const offsetAt = zoneOffsets(zone)
  let knownLocal = Number.NaN
  let known = Number.NaN
  return (time) => {
    const local = startOfUnit(time + offsetAt(time), unit)
    // Rows and questions come in order of time more often than not.
    if (local !== knownLocal) {
      known = firstShowing(offsetAt, local)
      knownLocal = local
    }
    return known
  }
}

/**
 * The first moment at which a wall clock shows `local` or later. Clocks change at most once in two days: at one moment,
 * from one offset to another.
 * @param local microseconds that the clock shows, counted as those of UTC are
 */
export function firstShowing(offsetAt: (time: number) => number, local: number): number {
  const offset = offsetAt(local - FARTHEST)
  const before = local - offset
  const changed = offsetAt(before)
  if (changed === offset) return before
  const after = local - changed
  if (offsetAt(after) === changed) return after
  // That time was skipped: the clock was put forward past it, between these two moments.
  let low = after
  let high = before
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(middle) === changed) high = middle
    else low = middle
  }
  return high
}
