/**
 * Wall clocks in named zones. A time is whole microseconds since 1970; a wall time is the same kind of number read as if
 * the zone's clock showed UTC, so that calendar arithmetic is plain arithmetic.
 */

export const SECOND = 1_000_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone)
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formatters.set(zone, formatter)
  }
  return formatter
}

/** Whether the browser knows a zone by this name. */
export function isZone(zone: string): boolean {
  try {
    formatterOf(zone)
    return true
  } catch {
    return false
  }
}

/** What the zone's clock shows at `time`, to the second below. */
export function toWall(time: number, zone: string): number {
  if (zone === 'UTC') return time
  const parts: Record<string, number> = {}
  for (const part of formatterOf(zone).formatToParts(Math.floor(time / 1000))) parts[part.type] = Number(part.value)
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000
}

/** The time at which the zone's clock shows `wall`; inside a skipped hour, a time next to it. */
export function fromWall(wall: number, zone: string): number {
  if (zone === 'UTC') return wall
  const guess = wall - (toWall(wall, zone) - wall)
  return wall - (toWall(guess, zone) - guess)
}

/** Zones to choose from: UTC, the browser's own, then all that the browser knows. */
export function zonesToChoose(): { own: string; all: readonly string[] } {
  return { own: new Intl.DateTimeFormat().resolvedOptions().timeZone, all: Intl.supportedValuesOf('timeZone') }
}
