import { expect, test } from 'vitest'
import { goodnessOfFit, homogeneity } from './chi-square.ts'

const before = [16, 18, 16, 14, 12, 12]
const now = [16, 16, 16, 16, 16, 8]

test('homogeneity takes both as samples, as scipy.stats.chi2_contingency does', () => {
  const { statistic, degreesOfFreedom, pValue } = homogeneity(before, now)!
  expect(statistic).toBeCloseTo(1.6224089636, 10)
  expect(degreesOfFreedom).toBe(5)
  expect(pValue).toBeCloseTo(0.8985262394, 10)
})

test('a fit to either as the truth gives other answers to the same counts', () => {
  expect(goodnessOfFit(now, before)!.pValue).toBeCloseTo(0.67309, 5)
  expect(goodnessOfFit(before, now)!.pValue).toBeCloseTo(0.6233876, 7)
})

test('the sample ratios of two experiments', () => {
  expect(goodnessOfFit([1000, 1200], [50, 50])!.pValue).toBeCloseTo(0.000020079, 9)
  expect(goodnessOfFit([310, 98], [75, 25])!.pValue).toBeCloseTo(0.647434186, 9)
  expect(goodnessOfFit([310, 98, 0], [75, 25, 0])!.degreesOfFreedom).toBe(1)
})

test('identical shares are no evidence, however many rows and however unequal the samples', () => {
  const { statistic, pValue } = homogeneity([3_000_000, 6_000_000, 0], [30, 60, 0])!
  expect(statistic).toBe(0)
  expect(pValue).toBe(1)
})

test('bins empty in both samples do not count; one filled bin or an empty sample leaves nothing to test', () => {
  expect(homogeneity([5, 0, 7], [6, 0, 9])!.degreesOfFreedom).toBe(1)
  expect(homogeneity([5, 0], [6, 0])).toBeUndefined()
  expect(homogeneity([5, 3], [0, 0])).toBeUndefined()
  expect(goodnessOfFit([0, 0], [1, 1])).toBeUndefined()
  expect(goodnessOfFit([4, 0], [1, 0])).toBeUndefined()
})
