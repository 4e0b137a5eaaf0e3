import { expect, test } from 'vitest'
import { HOUR, MINUTE, parseTime } from '../time.ts'
import { packedZones, zoneLinks } from './zone-table.generated.ts'
import { zoneOffsetAt, zoneOffsets } from './zones.ts'

/** What the host's own table says, in microseconds. */
function hostOffsets(zone: string): (time: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  return (time) => {
    const name = format.formatToParts(time / 1000).find((part) => part.type === 'timeZoneName')?.value ?? ''
    const [, sign = '+', hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? []
    return (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE)
  }
}

test.each([
  'America/Chicago',
  'America/New_York',
  'Europe/Berlin',
  'Europe/Dublin',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'UTC',
])('%s agrees with the host table every 11 days from 1970 to 2024', (zone) => {
  const offsets = zoneOffsets(zone)
  const expected = hostOffsets(zone)
  const differing: number[] = []
  for (let time = 0; time < parseTime('2024-01-01'); time += 11 * 24 * HOUR)
    if (offsets(time) !== expected(time)) differing.push(time)
  expect(differing).toEqual([])
})

test('the clocks of Chicago change at the exact moment', () => {
  const spring = parseTime('2001-04-01T08:00:00Z')
  expect([spring - 1, spring].map((time) => zoneOffsetAt('America/Chicago', time) / HOUR)).toEqual([-6, -5])
  const autumn = parseTime('2001-10-28T07:00:00Z')
  expect([autumn - 1, autumn].map((time) => zoneOffsetAt('America/Chicago', time) / HOUR)).toEqual([-5, -6])
})

test('answers do not depend on the order of the questions', () => {
  const times = ['1950-07-01', '2001-01-15', '2001-07-15', '2060-07-01', '2200-01-01', '1850-01-01'].map(parseTime)
  const offsets = zoneOffsets('Europe/London')
  const forwards = times.map(offsets)
  expect([...times].reverse().map(offsets).reverse()).toEqual(forwards)
  expect(forwards.slice(0, 5).map((offset) => offset / HOUR)).toEqual([1, 0, 1, 1, 0])
})

test('past the end of the table the rules go on, by a year of the same shape', () => {
  // The second Sunday of March 2250 is the 10th.
  const spring = parseTime('2250-03-10T08:00:00Z')
  expect([spring - 1, spring].map((time) => zoneOffsetAt('America/Chicago', time) / HOUR)).toEqual([-6, -5])
})

test('before standard time a zone has its local mean time, to the second', () => {
  expect(zoneOffsetAt('America/Chicago', parseTime('1850-01-01'))).toBe(-(5 * HOUR + 50 * MINUTE + 36_000_000))
})

test('every zone and every other name of a zone opens', () => {
  for (const zone of [...Object.keys(packedZones), ...Object.keys(zoneLinks)])
    expect(Math.abs(zoneOffsetAt(zone, parseTime('2026-01-01'))), zone).toBeLessThanOrEqual(14 * HOUR)
})

test('an unknown zone is refused with the nearest name', () => {
  expect(() => zoneOffsets('America/Chikago')).toThrow(
    expect.objectContaining({ code: 'unknown_zone', remedy: "Did you mean 'America/Chicago'?" }),
  )
  expect(() => zoneOffsets('constructor')).toThrow(expect.objectContaining({ code: 'unknown_zone' }))
})
