import { DAY, HOUR } from './time.ts'

/** A stretch of the calendar that a window can begin with. A week begins on Monday (ISO 8601). */
export type CalendarUnit = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

export const calendarUnits: readonly CalendarUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year']

/**
 * The wall-clock time at which the unit around a wall-clock time begins; both in microseconds as if they were UTC.
 * Proleptic Gregorian calendar.
 */
export function startOfUnit(local: number, unit: CalendarUnit): number {
  if (unit === 'hour') return Math.floor(local / HOUR) * HOUR
  const day = Math.floor(local / DAY)
  if (unit === 'day') return day * DAY
  // The epoch was a Thursday, three days after a Monday.
  if (unit === 'week') return (Math.floor((day + 3) / 7) * 7 - 3) * DAY
  const { year, month } = civilOf(day)
  const first = unit === 'year' ? 1 : unit === 'quarter' ? month - ((month - 1) % 3) : month
  return firstDayOf(year, first) * DAY
}

/** Year and month (1 to 12) of a day, counted from the epoch. Source: Howard Hinnant, civil_from_days. */
function civilOf(day: number): { readonly year: number; readonly month: number } {
  const shifted = day + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month }
}

/** Day, counted from the epoch, of the first of a month. Source: Howard Hinnant, days_from_civil. */
function firstDayOf(year: number, month: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const era = Math.floor(marchYear / 400)
  const yearOfEra = marchYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5)
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
