import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { resampledMean } from '../metrics/resampled-metric.ts'
import { randomNormals } from '../testing/random-samples.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'

/** Skewed losses of two models on sixty rows. */
const first = Float64Array.from({ length: 60 }, (_, row) => Math.exp(((row * 37) % 60) / 20))
const second = first.map((loss, row) => Math.sqrt(loss) + ((row * 17) % 60) / 30)
const [ofFirst, ofSecond] = [resampledMean(first), resampledMean(second)]

test('bounds of skewed losses agree with those of scipy.stats.bootstrap (BCa, 200,000 resamples)', () => {
  const difference = pairedBootstrap(ofFirst, ofSecond, 60, { seed: 1, resamples: 20_000 })!
  expect(difference.value).toBeCloseTo(2.928558633961916, 12)
  expect(difference.standardError).toBeCloseTo(0.5256, 1)
  // 2.1385 and 3.8807 there, a little less wide: no allowance is made for there being only sixty rows.
  expect(Math.abs(difference.lower(0.05) - 2.1385)).toBeLessThan(0.05)
  expect(Math.abs(difference.upper(0.05) - 3.8807)).toBeLessThan(0.06)
  expect(difference.lower(0.05)).toBeGreaterThan(2.09)
})

test('bounds and chances say the same', () => {
  const difference = pairedBootstrap(ofFirst, ofSecond, 60, { seed: 2, resamples: 4000 })!
  expect(difference.pAbove(difference.lower(0.05))).toBeCloseTo(0.05, 2)
  expect(difference.pBelow(difference.upper(0.1))).toBeCloseTo(0.1, 2)
  expect(difference.pAbove(-100)).toBeLessThan(0.001)
})

test('levels that hardly leave anything give bounds that are numbers', () => {
  const difference = pairedBootstrap(ofFirst, ofSecond, 60, { seed: 4, resamples: 1000 })!
  for (const alpha of [1e-3, 1e-6, 1e-12]) {
    expect(Number.isFinite(difference.lower(alpha))).toBe(true)
    expect(difference.lower(alpha)).toBeLessThan(difference.lower(0.05))
    expect(difference.upper(alpha)).toBeGreaterThan(difference.upper(0.05))
  }
})

test('rows of a cluster are drawn together: rows ten times over prove no more', () => {
  const tenfold = (losses: Float64Array) =>
    resampledMean(Float64Array.from({ length: 600 }, (_, row) => losses[row % 60]!))
  const clusters = Uint32Array.from({ length: 600 }, (_, row) => row % 60)
  const options = { seed: 3, resamples: 1000 }
  const once = pairedBootstrap(ofFirst, ofSecond, 60, options)!
  const clustered = pairedBootstrap(tenfold(first), tenfold(second), 600, { ...options, clusters })!
  expect(clustered.standardError).toBeCloseTo(once.standardError, 12)
  expect(clustered.lower(0.05)).toBeCloseTo(once.lower(0.05), 6)
})

test('a true difference at the bound is called better in some 5% of samples', () => {
  let called = 0
  for (let seed = 0; seed < 300; seed++) {
    const worse = randomNormals(seededRandom(seed), 80, 1.1, 1)
    const better = randomNormals(seededRandom(1e6 + seed), 80, 1, 1)
    const squares = (values: Float64Array) => resampledMean(values.map((value) => value ** 2))
    const difference = pairedBootstrap(squares(better), squares(worse), 80, { seed, resamples: 1000 })!
    if (difference.pAbove(-0.21) <= 0.05) called++
  }
  expect(called).toBeGreaterThan(3)
  expect(called).toBeLessThan(27)
})

test('nothing is claimed of few clusters or an undefined metric, and too few resamples are refused', () => {
  const clusters = Uint32Array.from({ length: 60 }, (_, row) => row % 9)
  expect(pairedBootstrap(ofFirst, ofSecond, 60, { seed: 1, clusters })).toBeUndefined()
  expect(pairedBootstrap(() => undefined, ofSecond, 60, { seed: 1 })).toBeUndefined()
  expect(() => pairedBootstrap(ofFirst, ofSecond, 60, { seed: 1, resamples: 200 })).toThrow(/200 resamples/)
})
