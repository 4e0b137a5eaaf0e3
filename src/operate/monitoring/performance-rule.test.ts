import { expect, test } from 'vitest'
import { normalEstimate } from '../../stats/intervals/estimate.ts'
import { judgePerformance } from './performance-rule.ts'
import type { ExpectedMetric } from './reference.ts'

const expected: ExpectedMetric = { metric: 'auc', value: 0.78, low: 0.776, high: 0.784, betweenWindows: 0.02 }
const aucs = (...values: number[]) => values.map((value) => normalEstimate(value, 0.004))
const verdict = (...values: number[]) => judgePerformance(expected, aucs(...values), 0.03)?.verdict

test('days around the promise are good, one terrible day is nothing', () => {
  expect(verdict(0.78)).toBe('good')
  expect(verdict(0.76, 0.79, 0.775)).toBe('good')
  expect(verdict(0.78, 0.77, 0.5)).toBe('unknown')
  expect(verdict(0.78, 0.5, 0.77, 0.78)).toBe('unknown')
})

test('two days far below the promise are bad', () => {
  expect(verdict(0.78, 0.6, 0.62)).toBe('bad')
  expect(judgePerformance(expected, aucs(0.78, 0.6, 0.62), 0.03)?.pooled).toMatchObject({
    cohorts: 3,
    short: 2,
    value: expect.closeTo(2 / 3, 12),
    shortfall: expect.closeTo(0.78 - 2 / 3, 12),
    certain: true,
  })
})

test('a fall that days differ by anyway is no evidence, and without knowing how days differ it is', () => {
  expect(verdict(0.74, 0.735, 0.738)).toBe('unknown')
  const { betweenWindows: _, ...steady } = expected
  expect(judgePerformance(steady, aucs(0.74, 0.735, 0.738), 0.03)?.verdict).toBe('bad')
})

test('a small fall that lasts two weeks is bad, and good again only when most days are', () => {
  const fallen = [0.73, 0.74, 0.72, 0.735, 0.73, 0.74, 0.73, 0.72, 0.735, 0.74, 0.745, 0.73, 0.735, 0.74]
  expect(verdict(...fallen)).toBe('bad')
  expect(judgePerformance(expected, aucs(...fallen), 0.03)?.pooled.cohorts).toBe(14)
  expect(verdict(...fallen, 0.78, 0.78, 0.78)).not.toBe('good')
  expect(verdict(...fallen, ...new Array(8).fill(0.78))).toBe('good')
})

test('few labels are little evidence', () => {
  const { betweenWindows: _, ...steady } = expected
  const wide = [0.7, 0.69, 0.7].map((value) => normalEstimate(value, 0.06))
  expect(judgePerformance(steady, wide, 0.03)?.verdict).toBe('unknown')
  expect(judgePerformance(expected, [], 0.03)).toBeUndefined()
})

test('an error is bad when it rises, in parts of the promised one', () => {
  const error: ExpectedMetric = { metric: 'rmse', value: 20, low: 19.8, high: 20.2 }
  const errors = (...values: number[]) => values.map((value) => normalEstimate(value, 0.2))
  expect(judgePerformance(error, errors(24, 25, 24), 0.1)?.verdict).toBe('bad')
  expect(judgePerformance(error, errors(24, 25, 24), 0.1)?.pooled.shortfall).toBeCloseTo(13 / 60, 12)
  expect(judgePerformance(error, errors(15, 15, 15), 0.1)?.verdict).toBe('good')
})
