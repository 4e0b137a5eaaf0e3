import { formatTime } from '../../core/time.ts'
import { readTime } from '../quality/read-time.ts'

/** A value of a watermark column as its source gives it. */
export type Watermark = string | number

const whole = /^-?\d{1,16}$/
const time = /^\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)?$/

/** A time as databases write it, with a zone that ISO 8601 knows: PostgreSQL writes `+00`. */
export function isoText(text: string): string {
  return text.replace(/ ?([+-]\d\d)$/, '$1:00')
}

/** The whole number that a watermark is, microseconds of a time; undefined for any other text. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'bigint') return numberOf(Number(value))
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  if (whole.test(value)) return numberOf(Number(value))
  return time.test(value) ? readTime(isoText(value)) : undefined
}

/**
 * A watermark less an overlap, written as the source writes it, so that it compares as the source compares.
 * @param overlap microseconds of a time, units of a number; a text that is neither stays as it is
 */
export function lowered(value: Watermark, overlap: number): Watermark {
  const number = numberOf(value)
  if (overlap === 0 || number === undefined) return value
  if (typeof value === 'number') return value - overlap
  const [, separator, fraction = '', zone] = time.exec(value) ?? []
  if (separator === undefined) return String(number - overlap)
  const [date = '', rest = ''] = formatTime(number - overlap)
    .slice(0, -1)
    .split('T')
  const [clock = '', digits = ''] = rest.split('.')
  const shown = fraction === '' ? '' : `.${digits.padEnd(6, '0').slice(0, fraction.length)}`
  return `${date}${separator}${clock}${shown}${zone === undefined ? '' : zone.includes(':') || zone === 'Z' ? 'Z' : '+00'}`
}

/** The higher of two watermarks. */
export function higher(a: Watermark | undefined, b: Watermark): Watermark {
  if (a === undefined) return b
  const [first, second] = [numberOf(a), numberOf(b)]
  if (first !== undefined && second !== undefined) return second > first ? b : a
  return String(b) > String(a) ? b : a
}
