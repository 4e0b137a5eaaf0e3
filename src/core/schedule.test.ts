import { expect, test } from 'vitest'
import { lastRun, nextRun } from './schedule.ts'
import { formatTime, HOUR, parseTime } from './time.ts'

test('a schedule gives the next moment after the one given, in UTC', () => {
  const first = nextRun('0 4 2 * *', parseTime('2001-02-01T00:00:00Z')) as number
  expect(formatTime(first)).toBe('2001-02-02T04:00:00Z')
  expect(formatTime(nextRun('0 4 2 * *', first) as number)).toBe('2001-03-02T04:00:00Z')
})

test('a text that is no schedule is refused with its code', () => {
  expect(() => nextRun('every monday', 0)).toThrowError(expect.objectContaining({ code: 'definition_invalid' }))
})

test('a schedule in a zone keeps to its clocks, through the hour that they leave out and the one that comes twice', () => {
  const zone = 'America/Chicago'
  const times = (schedule: string, from: string, count: number): string[] => {
    const found: string[] = []
    for (let at = parseTime(from); found.length < count; ) {
      at = nextRun(schedule, at, zone) as number
      found.push(formatTime(at))
    }
    return found
  }
  expect(times('0 4 * * *', '2025-03-08T00:00:00Z', 3)).toEqual([
    '2025-03-08T10:00:00Z',
    '2025-03-09T09:00:00Z',
    '2025-03-10T09:00:00Z',
  ])
  expect(times('30 2 * * *', '2025-03-08T12:00:00Z', 2)).toEqual(['2025-03-09T08:00:00Z', '2025-03-10T07:30:00Z'])
  expect(times('30 1 * * *', '2025-11-02T00:00:00Z', 2)).toEqual(['2025-11-02T06:30:00Z', '2025-11-03T07:30:00Z'])
})

test('the last moment until now is that of all between, however long ago the first one was', () => {
  for (const schedule of ['* * * * *', '0 4 2 * *', '30 1 * * 0', '0 0 29 2 *'])
    for (const hours of [0, 1, 30, 700, 40_000]) {
      const first = nextRun(schedule, parseTime('2001-02-01T00:00:00Z')) as number
      const now = first + hours * HOUR + 1
      const last = lastRun(schedule, first, now)
      expect(last).toBeGreaterThanOrEqual(first)
      expect(last).toBeLessThan(now)
      expect(nextRun(schedule, last)).toBeGreaterThan(now)
    }
})
