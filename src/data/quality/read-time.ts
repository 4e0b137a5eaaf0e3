import { parseTime } from '../../core/time.ts'

const ZERO = 48

/**
 * Microseconds of a time as rows carry it: ISO 8601 text; undefined for a text that is no time. The usual form
 * `2001-01-31T09:30:00Z` is read without a regular expression, about ten times as fast.
 */
export function readTime(text: string): number | undefined {
  if (text.length === 20 && text.charCodeAt(10) === 84 && text.charCodeAt(19) === 90) {
    const time = readSeconds(text)
    if (time !== undefined) return time
  }
  try {
    return parseTime(text)
  } catch {
    return undefined
  }
}

/** A time of exactly the form YYYY-MM-DDThh:mm:ssZ with every field in its range; undefined leaves it to the full reader. */
function readSeconds(text: string): number | undefined {
  const year = digits(text, 0) * 100 + digits(text, 2)
  const month = digits(text, 5)
  const day = digits(text, 8)
  const hour = digits(text, 11)
  const minute = digits(text, 14)
  const second = digits(text, 17)
  // A character that is no digit makes its field, and so this test, NaN.
  const inRange = month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60 && second < 60
  if (!inRange || !(year >= 100) || text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':')
    return undefined
  if (day > 28 && day > daysOfMonth(year, month)) return undefined
  return (daysFromCivil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second) * 1_000_000
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function digits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month > 2 ? year : year - 1
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
