import { Cron } from 'croner'
import { TruelineError } from './errors.ts'
import { HOUR } from './time.ts'

/** Whether a text is a cron expression. */
export function isCron(schedule: string): boolean {
  try {
    new Cron(schedule, { paused: true })
    return true
  } catch {
    return false
  }
}

/**
 * The next moment, after a given one, at which a cron expression is due; undefined when it never is again. A local time
 * that the clocks leave out is due when they go on; one that comes twice is due once.
 * @param after microseconds
 * @param zone UTC unless given
 * @throws TruelineError `definition_invalid` for a text that is no cron expression
 * @example nextRun('0 4 1 * *', parseTime('2001-02-01T04:00:00Z')) // 2001-03-01T04:00:00Z in microseconds
 */
export function nextRun(schedule: string, after: number, zone = 'UTC'): number | undefined {
  try {
    const next = new Cron(schedule, { timezone: zone, paused: true }).nextRun(new Date(after / 1000))
    return next === null ? undefined : next.getTime() * 1000
  } catch (cause) {
    throw new TruelineError('definition_invalid', `'${schedule}' is not a cron expression.`, { cause })
  }
}

/**
 * The last moment of a schedule that is not after `now`; however long ago the first one was, few moments are looked at.
 * @param first a moment of the schedule, at or before `now`, microseconds
 * @param now microseconds
 * @param zone UTC unless given
 */
export function lastRun(schedule: string, first: number, now: number, zone = 'UTC'): number {
  for (let back = HOUR; ; back *= 2) {
    const start = now - back < first ? first : nextRun(schedule, now - back, zone)
    if (start === undefined || start > now) continue
    let last = start
    for (let next = nextRun(schedule, last, zone); next !== undefined && next <= now; ) {
      last = next
      next = nextRun(schedule, last, zone)
    }
    return last
  }
}
