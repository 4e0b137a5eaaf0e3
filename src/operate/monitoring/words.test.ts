import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, parseTime } from '../../core/time.ts'
import {
  countWords,
  dayWords,
  durationWords,
  listWords,
  metricWords,
  millisecondWords,
  percentWords,
  plural,
} from './words.ts'

test('numbers read as people write them', () => {
  expect([1204.4, 0, 1_000_000].map(countWords)).toEqual(['1,204', '0', '1,000,000'])
  expect([0.7614, 1, 0, -0.02, 12.345, 1234.5, 123.45].map(metricWords)).toEqual([
    '.761',
    '1',
    '.000',
    '-.020',
    '12.3',
    '1,235',
    '123',
  ])
  expect([0.92, 0.0412, 0.0008, 0, 1, 0.999, 0.1, 0.01].map(percentWords)).toEqual([
    '92%',
    '4.1%',
    '0.08%',
    '0%',
    '100%',
    '99.9%',
    '10%',
    '1%',
  ])
  expect([8, 0.347, 12.6, 1500].map(millisecondWords)).toEqual(['8 ms', '0.35 ms', '13 ms', '1,500 ms'])
  expect([plural(1, 'input'), plural(3, 'input'), plural(0, 'input')]).toEqual(['1 input', '3 inputs', '0 inputs'])
})

test('times read relative to now', () => {
  const now = parseTime('2001-05-10T12:00:00Z')
  const words = (text: string) => dayWords(parseTime(text), now)
  expect(words('2001-05-10T00:00:00Z')).toBe('today')
  expect(words('2001-05-09T23:59:59Z')).toBe('yesterday')
  expect(words('2001-05-08')).toBe('Tuesday')
  expect(words('2001-05-04')).toBe('Friday')
  expect(words('2001-05-03')).toBe('3 May')
  expect(words('2000-05-09')).toBe('9 May 2000')
  expect(words('2001-05-12')).toBe('12 May')
  expect([3 * DAY, 30 * HOUR, 90 * MINUTE, MINUTE].map(durationWords)).toEqual([
    '3 days',
    '30 hours',
    '90 minutes',
    '1 minute',
  ])
})

test('lists end with and', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listWords)).toEqual(['', 'a', 'a and b', 'a, b and c'])
})
