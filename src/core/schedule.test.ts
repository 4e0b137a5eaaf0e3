import { expect, test } from 'vitest'
import { nextRun } from './schedule.ts'
import { formatTime, parseTime } from './time.ts'

test('a schedule gives the next moment after the one given, in UTC', () => {
  const first = nextRun('0 4 2 * *', parseTime('2001-02-01T00:00:00Z')) as number
  expect(formatTime(first)).toBe('2001-02-02T04:00:00Z')
  expect(formatTime(nextRun('0 4 2 * *', first) as number)).toBe('2001-03-02T04:00:00Z')
})

test('a text that is no schedule is refused with its code', () => {
  expect(() => nextRun('every monday', 0)).toThrowError(expect.objectContaining({ code: 'definition_invalid' }))
})
