import { DAY, HOUR, MINUTE } from '../../core/time.ts'

/** A whole number with thousands marked: 1,204. */
export function countWords(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A number and its noun: `1 input`, `3 inputs`. */
export function plural(value: number, noun: string): string {
  return `${countWords(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`
}

/** A metric below 1 without its zero, as statisticians write it: .761; others with three significant digits. */
export function metricWords(value: number): string {
  if (Math.abs(value) < 1) return value.toFixed(3).replace(/^(-?)0\./, '$1.')
  return Math.abs(value) < 1000 ? String(Number(value.toPrecision(3))) : countWords(value)
}

/** A metric's name in a sentence. */
export function metricName(metric: string): string {
  return metric === 'log_loss' ? 'log loss' : metric.toUpperCase()
}

/** A share in percent, with a digit after the point below ten: 92%, 4.1%, 0.08%. */
export function percentWords(share: number): string {
  const percent = share * 100
  if (percent === 0) return '0%'
  if (percent < 0.1) return `${Number(percent.toPrecision(1))}%`
  const rounded = percent < 10 || percent > 99 ? percent.toFixed(1) : percent.toFixed(0)
  return `${rounded.replace(/\.0$/, '')}%`
}

/** Milliseconds with two significant digits below ten: 8 ms, 0.35 ms. */
export function millisecondWords(milliseconds: number): string {
  return `${milliseconds < 10 ? Number(milliseconds.toPrecision(2)) : countWords(milliseconds)} ms`
}

/** A stretch of time in its largest unit: 3 days, 6 hours, 12 minutes. */
export function durationWords(microseconds: number): string {
  if (microseconds >= 2 * DAY) return plural(Math.floor(microseconds / DAY), 'day')
  if (microseconds >= 2 * HOUR) return plural(Math.floor(microseconds / HOUR), 'hour')
  return plural(Math.floor(microseconds / MINUTE), 'minute')
}

/** A day as people name it on the day `now`: today, yesterday, Tuesday, 3 May, 3 May 2001; in UTC. */
export function dayWords(time: number, now: number): string {
  const ago = Math.floor(now / DAY) - Math.floor(time / DAY)
  if (ago === 0) return 'today'
  if (ago === 1) return 'yesterday'
  const date = new Date(time / 1000)
  const format = (options: Intl.DateTimeFormatOptions): string =>
    date.toLocaleDateString('en-GB', { ...options, timeZone: 'UTC' })
  if (ago > 1 && ago < 7) return format({ weekday: 'long' })
  const sameYear = date.getUTCFullYear() === new Date(now / 1000).getUTCFullYear()
  return format(sameYear ? { day: 'numeric', month: 'long' } : { day: 'numeric', month: 'long', year: 'numeric' })
}

/** `a`, `a and b`, `a, b and c`. */
export function listWords(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}
