import { firstShowing } from './start-of.ts'
import { zoneOffsets } from './zones.ts'

/**
 * A function that gives the moment at which the wall clock of a zone first showed a time: of an hour that came twice the
 * first one, and where the time was skipped the moment at which the clock was put forward past it. So windows of the
 * calendar begin, too.
 * @returns of microseconds that the clock showed, counted as those of UTC are, microseconds since the epoch
 * @throws TruelineError `unknown_zone`
 * @example momentIn('Europe/Berlin')(parseTime('2026-03-29T02:30')) // 2026-03-29T01:00Z
 */
export function momentIn(zone: string): (local: number) => number {
  const offsetAt = zoneOffsets(zone)
  return (local) => firstShowing(offsetAt, local)
}
