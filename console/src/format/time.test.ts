import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../time/zone.ts'
import { formatDuration, formatTime, formatWindow } from './time.ts'

const at = (text: string): number => Date.parse(text) * 1000

test('a time is written in its zone', () => {
  expect(formatTime(at('2001-03-14T09:24:59Z'), 'UTC')).toBe('14 Mar 2001 09:24')
  expect(formatTime(at('2001-07-01T03:00:00Z'), 'America/Chicago')).toBe('30 Jun 2001 22:00')
})

test('a window is said briefly', () => {
  const say = (from: string, to: string, zone = 'UTC'): string => formatWindow(at(from), at(to), zone)
  expect(say('2001-03-14T00:00:00Z', '2001-03-15T00:00:00Z')).toBe('14 Mar')
  expect(say('2001-03-12T00:00:00Z', '2001-03-19T00:00:00Z')).toBe('12 Mar – 18 Mar')
  expect(say('2001-03-14T09:00:00Z', '2001-03-14T10:00:00Z')).toBe('14 Mar 09:00–10:00')
  expect(say('2001-03-14T18:00:00Z', '2001-03-15T00:00:00Z')).toBe('14 Mar 18:00–24:00')
  expect(say('2001-03-14T21:00:00Z', '2001-03-15T03:00:00Z')).toBe('14 Mar 21:00 + 6 h')
  expect(say('2001-01-14T00:00:00Z', '2001-01-15T00:00:00Z', 'America/Chicago')).toBe('13 Jan 18:00 + 1 d')
})

test('a length of time is said in its two largest units', () => {
  const lengths = [
    0,
    SECOND / 1000,
    SECOND / 8,
    40 * SECOND,
    12 * MINUTE,
    3 * HOUR,
    3 * HOUR + 5 * MINUTE,
    DAY,
    3 * DAY + 4 * HOUR,
    88 * DAY + HOUR,
  ]
  expect(lengths.map(formatDuration)).toEqual([
    '0 s',
    '1 ms',
    '125 ms',
    '40 s',
    '12 min',
    '3 h',
    '3 h 5 min',
    '1 d',
    '3 d 4 h',
    '88 d',
  ])
})
