import { zoneOffsetAt } from '../../src/core/zones/zones.ts'
import type { Window } from '../../src/language/define/definitions.ts'
import type { LawEvent } from './oracle.ts'

/** The rows of a window at t, of an entity's rows before t in the order of events. */
export function rowsIn(window: Window, past: readonly LawEvent[], t: number): readonly LawEvent[] {
  const end = endOf(window, t)
  const before = past.filter((event) => event.eventTime < end)
  const from = (time: number) => before.filter((event) => event.eventTime >= time)
  switch (window.kind) {
    case 'lifetime':
      return before
    case 'since':
      return from(window.from)
    case 'exact':
      return from(end - window.length)
    case 'hop': {
      const start = end - window.length
      return from(start - (((start % window.hop) + window.hop) % window.hop))
    }
    case 'calendar': {
      const shown = (time: number) => wallClock(time, window.zone, window.unit)
      return before.filter((event) => shown(event.eventTime) === shown(end))
    }
    case 'session':
      return from(end - window.maximum).filter((_, index, rows) =>
        [...rows.slice(index + 1).map(({ eventTime }) => eventTime), end].every(
          (next, after) => next - (rows[index + after] as LawEvent).eventTime <= window.gap,
        ),
      )
    case 'rows':
      return from(end - window.within).slice(-window.rows)
  }
}

/** Where a window ends: the rows before it are in sight. */
export function endOf({ delay = 0 }: Window, t: number): number {
  return t - delay
}

/** Where a window begins; one with no time of its own begins with its first row. */
export function beginOf(window: Window, rows: readonly LawEvent[], t: number): number {
  const end = endOf(window, t)
  switch (window.kind) {
    case 'since':
      return window.from
    case 'exact':
      return end - window.length
    case 'hop':
      return Math.floor((end - window.length) / window.hop) * window.hop
    case 'calendar': {
      let outside = end - 400 * 86_400_000_000
      let inside = end
      const shown = wallClock(end, window.zone, window.unit)
      while (inside - outside > 1) {
        const middle = Math.floor((inside + outside) / 2)
        if (wallClock(middle, window.zone, window.unit) === shown) inside = middle
        else outside = middle
      }
      return inside
    }
    case 'lifetime':
    case 'session':
    case 'rows':
      return rows[0]?.eventTime ?? end
  }
}

/** What a wall clock shows of a time, down to a unit: equal texts are the same hour, day, week, and so on. */
function wallClock(time: number, zone: string, unit: Extract<Window, { kind: 'calendar' }>['unit']): string {
  const shown = new Date(Math.floor((time + zoneOffsetAt(zone, time)) / 1000))
  const month = shown.getUTCMonth()
  switch (unit) {
    case 'hour':
      return shown.toISOString().slice(0, 13)
    case 'day':
      return shown.toISOString().slice(0, 10)
    case 'week':
      return new Date(shown.getTime() - ((shown.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10)
    case 'month':
      return shown.toISOString().slice(0, 7)
    case 'quarter':
      return `${shown.getUTCFullYear()} ${Math.floor(month / 3)}`
    case 'year':
      return String(shown.getUTCFullYear())
  }
}
