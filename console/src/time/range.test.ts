import { expect, test } from 'vitest'
import { presetOf, rangeChanges, readRange, readTime, writeTime } from './range.ts'
import { DAY } from './zone.ts'

const read = (search: string): unknown => readRange(new URLSearchParams(search))

test('two times go before a preset, and what cannot be read is left out', () => {
  expect(read('')).toEqual({})
  expect(read('range=30d')).toEqual({ last: 30 * DAY })
  expect(read('range=31d')).toEqual({})
  expect(read('range=all')).toEqual({ all: true })
  const both = { from: Date.UTC(2001, 1, 1) * 1000, to: Date.UTC(2001, 2, 1) * 1000 }
  expect(read('range=30d&from=2001-02-01T00:00:00Z&to=2001-03-01T00:00:00Z')).toEqual(both)
  expect(read('from=2001-03-01T00:00:00Z&to=2001-02-01T00:00:00Z')).toEqual({})
  expect(read('from=yesterday&to=2001-02-01T00:00:00Z')).toEqual({})
})

test('the preset that is shown is the one of the address, or that of what the platform chose', () => {
  const shown = (search: string, length: number): unknown => presetOf(new URLSearchParams(search), length)?.label
  expect(shown('range=7d', 30 * DAY)).toBe('7 d')
  expect(shown('range=all', 150 * DAY)).toBe('All')
  expect(shown('', 30 * DAY)).toBe('30 d')
  expect(shown('', 3.2 * DAY)).toBe('All')
  expect(shown('from=2001-02-01T00:00:00Z&to=2001-03-01T00:00:00Z', 28 * DAY)).toBeUndefined()
})

test('a time in an address is read back to the second', () => {
  const time = Date.UTC(2001, 5, 30, 9, 24, 17) * 1000 + 123_456
  expect(writeTime(time)).toBe('2001-06-30T09:24:17Z')
  expect(readTime(writeTime(time))).toBe(time - 123_456)
  expect(rangeChanges(time, time + DAY)).toEqual({
    from: '2001-06-30T09:24:17Z',
    to: '2001-07-01T09:24:17Z',
    range: undefined,
  })
})
