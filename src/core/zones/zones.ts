import { TruelineError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import { MINUTE, SECOND } from '../time.ts'
import { fromBase60 } from './base60.ts'
import { cycle, irregularUntil, packedZones, zoneLinks, zoneTableVersion } from './zone-table.generated.ts'

export { zoneTableVersion }

/** Microseconds to add to a time (microseconds since the epoch, UTC) to get the wall clock of a zone. */
export type ZoneOffsets = (time: number) => number

const opened = new Map<string, ZoneOffsets>()

/**
 * The offsets of a zone by the pinned table, whatever the host's own table says.
 * @param zone a name of the IANA time-zone database, such as 'America/Chicago'
 * @throws TruelineError `unknown_zone`
 */
export function zoneOffsets(zone: string): ZoneOffsets {
  let offsets = opened.get(zone)
  if (offsets === undefined) {
    offsets = openZone(zone)
    opened.set(zone, offsets)
  }
  return offsets
}

/**
 * Microseconds between the wall clock of a zone and UTC at a time.
 * @throws TruelineError `unknown_zone`
 * @example zoneOffsetAt('America/Chicago', 0) // -21_600_000_000
 */
export function zoneOffsetAt(zone: string, time: number): number {
  return zoneOffsets(zone)(time)
}

function openZone(zone: string): ZoneOffsets {
  const target = Object.hasOwn(zoneLinks, zone) ? (zoneLinks[zone] as string) : zone
  if (!Object.hasOwn(packedZones, target)) {
    const nearest = nearestName(zone, [...Object.keys(packedZones), ...Object.keys(zoneLinks)])
    const remedy = nearest === undefined ? {} : { remedy: `Did you mean '${nearest}'?` }
    throw new TruelineError('unknown_zone', `'${zone}' is not a time zone.`, remedy)
  }
  const { changes, offsets } = unpack(packedZones[target] as string)
  const first = offsets[0] as number
  if (changes.length === 0) return () => first
  const repeatsFrom = startOfYear(irregularUntil[target] ?? cycle.end)
  let last = 0
  return (time) => {
    const at = time < repeatsFrom ? time : inCycle(time)
    // Rows come in order of time more often than not: the last answer's interval is tried first.
    const within =
      (last === 0 || at >= (changes[last - 1] as number)) && (last === changes.length || at < (changes[last] as number))
    if (!within) last = countUpTo(changes, at)
    return offsets[last] as number
  }
}

/** Times of the changes (microseconds), and the offsets before, between and after them. */
function unpack(packed: string): { changes: Float64Array; offsets: Float64Array } {
  const [offsetList, indices, differences] = packed.split('|') as [string, string, string]
  // Packed offsets are minutes to the west; those of before standard time have seconds.
  const distinct = offsetList.split(' ').map((text) => 0 - Math.round(fromBase60(text) * 60) * SECOND)
  let minute = 0
  const changes = (differences === '' ? [] : differences.split(' ')).map((text) => {
    minute += fromBase60(text)
    return Math.round(minute * 60) * SECOND
  })
  const offsets = [...indices].map((digit) => distinct[fromBase60(digit)] as number)
  return { changes: Float64Array.from(changes), offsets: Float64Array.from(offsets) }
}

/** How many of the sorted numbers are at most `value`. */
function countUpTo(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * The same moment of a year of the cycle that begins on the same weekday and is as long: rules such as "the last Sunday
 * of March" fall on the same day in both.
 */
function inCycle(time: number): number {
  const year = new Date(Math.floor(time / 1000)).getUTCFullYear()
  const start = startOfYear(year)
  const weekday = new Date(start / 1000).getUTCDay()
  const length = startOfYear(year + 1) - start
  for (let candidate = cycle.start; candidate < cycle.end; candidate += 1) {
    const candidateStart = startOfYear(candidate)
    const same =
      new Date(candidateStart / 1000).getUTCDay() === weekday && startOfYear(candidate + 1) - candidateStart === length
    if (same) return time - start + candidateStart
  }
  throw new TruelineError('internal', `no year like ${year} in the cycle of the zone table`)
}

function startOfYear(year: number): number {
  return (Date.UTC(year, 0, 1) / 60_000) * MINUTE
}
