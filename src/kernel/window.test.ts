import { expect, test } from 'vitest'
import { floorTo, lowerBound } from './window.ts'

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
