import { DAY, formatTime } from '../../core/time.ts'

/** A stretch of time, [from, to) in microseconds. */
export interface Stretch {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The weeks that [from, until) is made of, the last one cut, each named by its first day. */
export function weeksBetween(from: number, until: number): Stretch[] {
  const weeks: Stretch[] = []
  for (let start = from; start < until; start += 7 * DAY)
    weeks.push({ name: formatTime(start).slice(0, 10), from: start, to: Math.min(start + 7 * DAY, until) })
  return weeks
}

/** A calendar month in UTC: [from, to) in microseconds. */
export interface Month {
  /** Such as 2001-02. */
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The months that [from, until) touches, cut to it. */
export function monthsBetween(from: number, until: number): Month[] {
  const months: Month[] = []
  const first = new Date(from / 1000)
  for (let year = first.getUTCFullYear(), month = first.getUTCMonth(); ; month += 1) {
    const start = Date.UTC(year, month) * 1000
    if (start >= until) return months
    const name = new Date(start / 1000).toISOString().slice(0, 7)
    months.push({ name, from: Math.max(start, from), to: Math.min(Date.UTC(year, month + 1) * 1000, until) })
  }
}
