import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { createBins } from '../histograms/bins.ts'
import { addValues, createHistogram } from '../histograms/histogram.ts'
import { randomNormals } from '../testing/random-samples.ts'
import { standardizedWasserstein, wasserstein } from './wasserstein.ts'

test('two samples of eight: 4.1625 as in SciPy', () => {
  const distance = wasserstein(
    Float64Array.of(38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58),
    Float64Array.of(39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8),
  )
  expect(distance).toBeCloseTo(4.1625, 10)
})

test('moving a sample by a constant costs that constant, for samples of unequal size too', () => {
  const sample = randomNormals(seededRandom(1), 500)
  expect(
    wasserstein(
      sample,
      sample.map((value) => value + 3),
    ),
  ).toBeCloseTo(3, 10)
  expect(wasserstein(Float64Array.of(0, 1, 3), Float64Array.of(5, 6, 8))).toBeCloseTo(5, 12)
  expect(wasserstein(Float64Array.of(0), Float64Array.of(1, 3))).toBe(2)
  expect(wasserstein(sample, sample)).toBe(0)
})

test('over bins it is about the raw distance in standard deviations, while the shift stays inside the bins', () => {
  const before = randomNormals(seededRandom(2), 20_000, 100, 15)
  const now = randomNormals(seededRandom(3), 20_000, 104.5, 15)
  const reference = createHistogram(createBins(before, 20))
  addValues(reference, before)
  const current = createHistogram(reference.bins)
  addValues(current, now)
  expect(wasserstein(before, now)! / reference.bins.deviation).toBeCloseTo(0.3, 1)
  expect(standardizedWasserstein(reference, current)).toBeCloseTo(0.3, 1)
  expect(standardizedWasserstein(reference, reference)).toBe(0)
})

test('undefined for an empty sample and for a constant reference; NaN is refused', () => {
  expect(wasserstein(new Float64Array(0), Float64Array.of(1))).toBeUndefined()
  expect(() => wasserstein(Float64Array.of(1), Float64Array.of(Number.NaN))).toThrow(/is NaN/)
  const constant = createHistogram(createBins(new Float64Array(9).fill(1)))
  expect(standardizedWasserstein(constant, constant)).toBeUndefined()
  addValues(constant, new Float64Array(9).fill(1))
  expect(standardizedWasserstein(constant, constant)).toBeUndefined()
})
