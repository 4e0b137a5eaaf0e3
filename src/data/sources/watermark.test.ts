import { expect, test } from 'vitest'
import { MINUTE, parseTime } from '../../core/time.ts'
import { higher, lowered, numberOf } from './watermark.ts'

test('a watermark is a number: whole ones as they are, times as microseconds', () => {
  expect(numberOf('12')).toBe(12)
  expect(numberOf(12n)).toBe(12)
  expect(numberOf('2026-03-01 10:00:00.000001+00')).toBe(parseTime('2026-03-01T10:00:00.000001Z'))
  expect(numberOf('2026-03-01T10:00:00')).toBe(parseTime('2026-03-01T10:00:00Z'))
  expect(numberOf('01HXYZ')).toBeUndefined()
  expect(numberOf('9007199254740993')).toBeUndefined()
  expect(numberOf(1.5)).toBeUndefined()
})

test('an overlap is taken off in the writing of the source, so that it compares as the source compares', () => {
  expect(lowered('2026-03-01 00:04:00', 5 * MINUTE)).toBe('2026-02-28 23:59:00')
  expect(lowered('2026-03-01T00:04:00Z', 5 * MINUTE)).toBe('2026-02-28T23:59:00Z')
  expect(lowered('2026-03-01 00:04:00.120+00', MINUTE)).toBe('2026-03-01 00:03:00.120+00')
  expect(lowered('2026-03-01 02:04:00+02', MINUTE)).toBe('2026-03-01 00:03:00+00')
  expect(lowered(100, 10)).toBe(90)
  expect(lowered('100', 10)).toBe('90')
  expect(lowered('01HXYZ', 0)).toBe('01HXYZ')
})

test('the higher of two is found by what they are, not by how they are written', () => {
  expect(higher('9', '10')).toBe('10')
  expect(higher('2026-03-01T10:00:00Z', '2026-03-01 11:00:00+02')).toBe('2026-03-01T10:00:00Z')
  expect(higher('01A', '01B')).toBe('01B')
  expect(higher(undefined, 'a')).toBe('a')
})
