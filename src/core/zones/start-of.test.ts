import { expect, test } from 'vitest'
import type { CalendarUnit } from '../calendar-unit.ts'
import { formatTime, parseTime } from '../time.ts'
import { longestUnit, startOf } from './start-of.ts'

const began = (unit: CalendarUnit, zone: string, time: string) => formatTime(startOf(unit, zone)(parseTime(time)))

test.each([
  ['hour', 'UTC', '2026-11-22T13:45:12.5Z', '2026-11-22T13:00:00Z'],
  ['day', 'UTC', '1969-12-31T23:59:59Z', '1969-12-31T00:00:00Z'],
  ['week', 'UTC', '2026-11-22T13:45Z', '2026-11-16T00:00:00Z'],
  ['week', 'UTC', '2026-11-23T00:00Z', '2026-11-23T00:00:00Z'],
  ['month', 'UTC', '2024-02-29T12:00Z', '2024-02-01T00:00:00Z'],
  ['quarter', 'UTC', '2026-02-28T00:00Z', '2026-01-01T00:00:00Z'],
  ['quarter', 'UTC', '2026-12-31T00:00Z', '2026-10-01T00:00:00Z'],
  ['year', 'UTC', '1900-03-01T00:00Z', '1900-01-01T00:00:00Z'],
  ['year', 'America/Chicago', '2027-01-01T05:59Z', '2026-01-01T06:00:00Z'],
  ['hour', 'Asia/Kolkata', '2026-11-22T13:45Z', '2026-11-22T13:30:00Z'],
] as const)('the %s in %s around %s began at %s', (unit, zone, time, expected) => {
  expect(began(unit, zone, time)).toBe(expected)
})

test.each([
  // The day on which clocks go forward has 23 hours, that on which they go back 25.
  ['day', 'America/Chicago', '2026-03-09T04:59Z', '2026-03-08T06:00:00Z'],
  ['day', 'America/Chicago', '2026-11-02T05:59Z', '2026-11-01T05:00:00Z'],
  // One o'clock comes twice: one unit of two hours.
  ['hour', 'America/Chicago', '2026-11-01T06:59Z', '2026-11-01T06:00:00Z'],
  ['hour', 'America/Chicago', '2026-11-01T07:59Z', '2026-11-01T06:00:00Z'],
  ['hour', 'America/Chicago', '2026-11-01T08:00Z', '2026-11-01T08:00:00Z'],
  // Two o'clock is skipped: three begins at the change.
  ['hour', 'America/Chicago', '2026-03-08T08:00Z', '2026-03-08T08:00:00Z'],
  // Midnight is skipped: the day begins at one.
  ['day', 'America/Sao_Paulo', '2018-11-04T12:00Z', '2018-11-04T03:00:00Z'],
  // A whole day is skipped: 30 December 2011 never was.
  ['day', 'Pacific/Apia', '2011-12-31T00:00Z', '2011-12-30T10:00:00Z'],
  ['month', 'Pacific/Apia', '2012-01-01T00:00Z', '2011-12-31T10:00:00Z'],
  // The minute after midnight comes twice: the day began the first time.
  ['day', 'America/St_Johns', '2006-10-29T12:00Z', '2006-10-29T02:30:00Z'],
  ['day', 'America/St_Johns', '2006-10-29T03:00Z', '2006-10-28T02:30:00Z'],
  ['hour', 'Australia/Lord_Howe', '2026-04-04T15:15Z', '2026-04-04T14:00:00Z'],
] as const)('where clocks change: the %s in %s around %s began at %s', (unit, zone, time, expected) => {
  expect(began(unit, zone, time)).toBe(expected)
})

test.each([
  'America/Chicago',
  'America/St_Johns',
  'Pacific/Apia',
  'Antarctica/Troll',
  'Africa/Casablanca',
  'Europe/London',
])('in %s no unit is longer than it is said to be, and each moment lies in its own', (zone) => {
  const from = parseTime('1970-01-01')
  for (const unit of ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const) {
    const start = startOf(unit, zone)
    let longest = 0
    let wrong = 0
    for (let time = from; time < parseTime('2030-01-01'); time += 33_333_333_333) {
      const begins = start(time)
      longest = Math.max(longest, time - begins)
      if (begins > time || start(begins) !== begins) wrong += 1
    }
    expect({ unit, wrong, isWithin: longest <= longestUnit(unit) }).toEqual({ unit, wrong: 0, isWithin: true })
  }
})
