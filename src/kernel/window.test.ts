import { expect, test } from 'vitest'
import { parseTime } from '../core/time.ts'
import { endOf, floorTo, heldReach, isBeyond, lowerBound } from './window.ts'

test('an exact window begins its length before t', () => {
  expect(lowerBound({ kind: 'exact', length: 60 }, 100)).toBe(40)
})

test('a hop rounds the beginning down, to itself where it lies on a hop', () => {
  const window = { kind: 'hop', length: 60, hop: 20 } as const
  expect([100, 101, 119, 120].map((time) => lowerBound(window, time))).toEqual([40, 40, 40, 60])
  expect([-1, 0, 1].map((time) => lowerBound(window, time))).toEqual([-80, -60, -60])
})

test('rounding is exact near the largest times', () => {
  const largest = 2 ** 53 - 1
  for (const step of [3, 7, 1000, 900_000_000])
    for (const time of [largest, largest - 1, largest - step])
      expect(BigInt(floorTo(time, step)), `${time} to ${step}`).toBe(BigInt(time) - (BigInt(time) % BigInt(step)))
})

test('a lifetime has no beginning', () => {
  expect(lowerBound({ kind: 'lifetime' }, 0)).toBe(Number.NEGATIVE_INFINITY)
})

test('a delay moves both ends back', () => {
  const window = { kind: 'hop', length: 60, hop: 20, delay: 15 } as const
  expect([endOf(window, 120), lowerBound(window, 120)]).toEqual([105, 40])
  expect(heldReach(window)).toBe(60 + 20 - 1 + 15)
  expect(heldReach({ kind: 'lifetime', delay: 15 })).toBe(15)
})

test('a session goes back to the first pause that is too long, the last rows to their number', () => {
  const session = { kind: 'session', gap: 10, maximum: 60 } as const
  expect([isBeyond(session, 90, 100, 0), isBeyond(session, 89, 100, 0)]).toEqual([false, true])
  expect(lowerBound(session, 100)).toBe(40)
  const rows = { kind: 'rows', rows: 2, within: 60 } as const
  expect([isBeyond(rows, 1, 2, 1), isBeyond(rows, 1, 2, 2)]).toEqual([false, true])
})

test('a window of the calendar begins where the zone says', () => {
  const day = { kind: 'calendar', unit: 'day', zone: 'America/Chicago' } as const
  expect(lowerBound(day, parseTime('2026-03-08T20:00Z'))).toBe(parseTime('2026-03-08T06:00Z'))
})
