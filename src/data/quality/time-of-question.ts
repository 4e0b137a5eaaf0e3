import { DAY } from '../../core/time.ts'
import type { RowFault } from './row-reader.ts'

/** How far ahead of now a prediction may be asked for: schedules and bookings lie ahead. Microseconds. */
const MOST_AHEAD = 366 * DAY
/**
 * Seconds and milliseconds since 1970 are numbers below this until the year 2286; taken as microseconds they lie within four
 * months of 1970.
 */
const SMALLEST_MICROSECONDS = 1e13
const YEAR_2000 = Date.UTC(2000) * 1000

/**
 * The fault of a time that is seconds or milliseconds taken as microseconds. Where the clock itself stands near 1970, as that
 * of a rehearsal may, nothing can be told.
 * @param time microseconds
 * @param now microseconds
 */
export function unitFault(path: string, time: number, now: number): RowFault | undefined {
  if (Math.abs(time) >= SMALLEST_MICROSECONDS || now < YEAR_2000) return undefined
  const reason = `The time in '${path}' looks like seconds or milliseconds since 1970: send ISO 8601 or microseconds.`
  return { code: 'invalid_timestamp', reason, path }
}

/**
 * The fault of a time that no prediction is asked for.
 * @param now microseconds
 */
export function questionTimeFault(path: string, time: number, now: number): RowFault | undefined {
  if (time - now <= MOST_AHEAD) return unitFault(path, time, now)
  const days = Math.ceil((time - now) / DAY).toLocaleString('en')
  const reason = `The time in '${path}' lies ${days} days ahead; predictions are made for at most ${MOST_AHEAD / DAY}.`
  return { code: 'invalid_timestamp', reason, path }
}

/** `questionTimeFault` as a condition of SQL on a column of microseconds. */
export function questionTimeRefused(column: string, now: number): string {
  const ahead = `${column} - ${now} > ${MOST_AHEAD}`
  return now < YEAR_2000 ? ahead : `${ahead} OR abs(${column}) < ${SMALLEST_MICROSECONDS}`
}
