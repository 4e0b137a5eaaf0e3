import { expect, test } from 'vitest'
import { arrivalTimes } from './arrivals.ts'

const shape = { seconds: 20, warmup: 5, arrivals: 'poisson', seed: 7 } as const

test('times are the same for a seed, rise, and end with the load', () => {
  const times = arrivalTimes(200, shape)
  expect(arrivalTimes(200, shape)).toEqual(times)
  expect(arrivalTimes(200, { ...shape, seed: 8 })).not.toEqual(times)
  expect(times.every((time, index) => time < 25_000 && time > (times[index - 1] ?? 0))).toBe(true)
})

test('independent callers come at the rate, and at intervals that are exponential', () => {
  const times = arrivalTimes(200, shape)
  // 5000 are expected, with a standard deviation of 71.
  expect(Math.abs(times.length - 5000)).toBeLessThan(4 * 71)
  const gaps = Float64Array.from(times.subarray(1), (time, index) => time - times[index]!).sort()
  const median = gaps[gaps.length >> 1]!
  expect(Math.abs(median / (5 * Math.LN2) - 1)).toBeLessThan(0.06)
  const mean = times.at(-1)! / times.length
  const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
  expect(Math.abs(deviation / mean - 1)).toBeLessThan(0.06)
})

test('constant ones come at even intervals', () => {
  const times = arrivalTimes(100, { ...shape, arrivals: 'constant', seconds: 1, warmup: 0 })
  expect([times.length, times[0], times[1], times[99]]).toEqual([100, 0, 10, 990])
})
