import { DAY, HOUR, MINUTE } from '../../core/time.ts'

/** Hour of the day, 0 to 23, of a wall-clock time in microseconds. */
export function hourOf(local: number): number {
  return Math.floor(timeOfDay(local) / HOUR)
}

/** Minute of the hour, 0 to 59. */
export function minuteOf(local: number): number {
  return Math.floor((timeOfDay(local) % HOUR) / MINUTE)
}

/** Day of the week by ISO 8601: 1 is Monday, 7 is Sunday. */
export function dayOfWeekOf(local: number): number {
  // The epoch was a Thursday.
  return remainder(Math.floor(local / DAY) + 3, 7) + 1
}

/** Day of the month, 1 to 31, of the proleptic Gregorian calendar. */
export function dayOfMonthOf(local: number): number {
  const day = dayOfYearFromMarch(local)
  return day - Math.floor((153 * marchMonth(day) + 2) / 5) + 1
}

/** Month, 1 to 12. */
export function monthOf(local: number): number {
  const month = marchMonth(dayOfYearFromMarch(local))
  return month < 10 ? month + 3 : month - 9
}

/**
 * Day of the year, counted from the first of March as 0, so that the leap day comes last. Source: Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
function dayOfYearFromMarch(local: number): number {
  const daysFromMarchOfYear0 = Math.floor(local / DAY) + 719_468
  const dayOfEra = remainder(daysFromMarchOfYear0, 146_097)
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  return dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
}

/** Month counted from March as 0. */
function marchMonth(day: number): number {
  return Math.floor((5 * day + 2) / 153)
}

function timeOfDay(local: number): number {
  return remainder(local, DAY)
}

function remainder(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor
}
