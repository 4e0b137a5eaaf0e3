import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { createBins } from '../../stats/histograms/bins.ts'
import { addValue, createHistogram } from '../../stats/histograms/histogram.ts'
import { FeatureCounters } from './feature-counters.ts'

test('counting vectors side by side equals counting each position by itself', () => {
  const random = seededRandom(11)
  const draw = [
    () => random.next(),
    () => Math.floor(random.next() * 3),
    () => (random.next() < 0.3 ? Number.NaN : random.next() * 1000 - 500),
    () => 7,
    () => Number.NaN,
    () => Math.floor(random.next() ** 3 * 40),
  ]
  for (const quantiles of [2, 10, 60]) {
    const bins = draw.map((next) => createBins(Float64Array.from({ length: 500 }, next), quantiles))
    const counters = new FeatureCounters(bins)
    const expected = bins.map(createHistogram)
    for (let row = 0; row < 2000; row++) {
      const vector = Float64Array.from(draw, (next) => next() * (row % 100 === 0 ? 3 : 1))
      counters.add(vector)
      for (const [position, histogram] of expected.entries()) addValue(histogram, vector[position]!)
    }
    expect(counters.histograms()).toEqual(expected)
    counters.add(new Float64Array(draw.length))
    for (const histogram of expected) addValue(histogram, 0)
    expect(counters.histograms()).toEqual(expected)
  }
})

test('values on an edge, beyond all edges and infinities fall as the bins say', () => {
  const bins = createBins(Float64Array.of(1, 2, 3, 4), 4)
  const counters = new FeatureCounters([bins])
  const expected = createHistogram(bins)
  for (const value of [
    1,
    2,
    2.5,
    3,
    -1e300,
    1e300,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    -0,
  ]) {
    counters.add(Float64Array.of(value))
    addValue(expected, value)
  }
  expect(counters.histograms()).toEqual([expected])
})
