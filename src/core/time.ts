import { TruelineError } from './errors.ts'

export const SECOND = 1_000_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
/** A day is 24 hours, whatever a zone's clocks do. */
export const DAY = 24 * HOUR

const units: Record<string, number> = { ms: 1000, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** A duration as people write it: `90s`, `15m`, `6h`, `7d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

/**
 * Microseconds of a duration.
 * @param place where it was given, such as `model 'late_flight', serve.slo.p99`
 * @throws TruelineError `invalid_duration`
 * @example parseDuration('15m') // 900_000_000
 */
export function parseDuration(text: string, place?: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text)
  const value = match === null ? Number.NaN : Number(match[1]) * (units[match[2] as string] as number)
  if (Number.isSafeInteger(value)) return value
  const message = `'${text}' is not a duration.`
  if (place === undefined) throw new TruelineError('invalid_duration', message)
  throw new TruelineError('invalid_duration', `${place}: ${message}`, { path: place })
}

/** A duration in the largest unit that divides it: 900_000_000 is `15m`. */
export function formatDuration(microseconds: number): string {
  for (const [unit, size] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
    ['ms', 1000],
  ] as const)
    if (microseconds !== 0 && microseconds % size === 0) return `${microseconds / size}${unit}`
  return microseconds === 0 ? '0s' : `${microseconds}us`
}

/**
 * About how long something takes or is ago, in its two largest units, rounded up to the smaller one; nothing below 0.
 * @example formatSpan(37_853 * SECOND) // '10h 31m'
 */
export function formatSpan(microseconds: number): string {
  const smaller = microseconds > DAY ? HOUR : microseconds > HOUR ? MINUTE : SECOND
  const rounded = Math.max(0, Math.ceil(microseconds / smaller)) * smaller
  const units: readonly (readonly [string, number])[] = [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ]
  const larger = units.findIndex(([, size]) => rounded >= size)
  if (larger === -1) return '0s'
  const [unit, size] = units[larger]!
  const rest = rounded % size
  return `${Math.floor(rounded / size)}${unit}${rest === 0 ? '' : ` ${formatSpan(rest)}`}`
}

const isoTime = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(Z|[+-]\d\d:?\d\d)?)?$/

/**
 * Microseconds since the epoch of an ISO 8601 date or time; UTC where no zone is given.
 * @throws TruelineError `invalid_timestamp`
 * @example parseTime('1970-01-01T00:00:01.5Z') // 1_500_000
 */
export function parseTime(text: string): number {
  const match = isoTime.exec(text)
  if (match === null) throw new TruelineError('invalid_timestamp', `'${text}' is not a time.`)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  const parts = [year, month, day, hour, minute, second].map(Number) as [number, number, number, number, number, number]
  const [y, mo, d, h, mi, s] = parts
  const milliseconds = Date.UTC(y, mo - 1, d, h, mi, s)
  const back = new Date(milliseconds)
  // Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const valid =
    back.getUTCFullYear() === y &&
    back.getUTCMonth() === mo - 1 &&
    back.getUTCDate() === d &&
    h < 24 &&
    mi < 60 &&
    s < 60
  if (!valid) throw new TruelineError('invalid_timestamp', `'${text}' is not a time of the calendar.`)
  return milliseconds * 1000 + Number(fraction.padEnd(6, '0')) - zoneOffset(zone)
}

function zoneOffset(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -1 : 1) * minutes * MINUTE
}

/** ISO 8601 in UTC; the fraction has as many digits as are needed (none, three or six). */
export function formatTime(microseconds: number): string {
  const rest = ((microseconds % 1000) + 1000) % 1000
  const base = new Date((microseconds - rest) / 1000).toISOString()
  if (rest !== 0) return `${base.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
  return base.endsWith('.000Z') ? `${base.slice(0, -5)}Z` : base
}
