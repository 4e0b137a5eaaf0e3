import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomNormals } from '../testing/random-samples.ts'
import { binOf, createBins } from './bins.ts'
import {
  addValue,
  addValues,
  countOf,
  createHistogram,
  decodeHistogram,
  encodeHistogram,
  mergeHistogram,
} from './histogram.ts'

test('the bins of a continuous sample are its deciles', () => {
  const sample = Float64Array.from({ length: 1000 }, (_, row) => row)
  const bins = createBins(sample)
  expect([...bins.edges]).toEqual([99, 199, 299, 399, 499, 599, 699, 799, 899])
  expect(bins.centers[0]).toBeCloseTo(49.5, 9)
  expect(bins.deviation).toBeCloseTo(288.67, 2)
  const histogram = createHistogram(bins)
  addValues(histogram, sample)
  expect([...histogram.counts]).toEqual([100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0])
})

test('an edge belongs to the bin below it, infinities to the outermost bins, NaN to the last of all', () => {
  const bins = createBins(Float64Array.of(1, 2, 3, 4), 4)
  expect([...bins.edges]).toEqual([1, 2, 3])
  const values = [Number.NEGATIVE_INFINITY, 1, 1.5, 2, 3, 3.001, Number.POSITIVE_INFINITY, Number.NaN]
  expect(values.map((value) => binOf(bins, value))).toEqual([0, 0, 1, 1, 2, 3, 3, 4])
})

test('a value that fills quantiles gets a bin of its own, so that its neighbours and its absence show', () => {
  const counts = Float64Array.from({ length: 100 }, (_, row) => (row < 60 ? 0 : row - 59))
  const bins = createBins(counts)
  const zero = binOf(bins, 0)
  expect(binOf(bins, -1)).toBe(zero - 1)
  expect(binOf(bins, 1)).toBe(zero + 1)
})

test('a constant, a sample of missing values and an empty one have bins too', () => {
  const constant = createBins(new Float64Array(50).fill(7))
  expect([6.999, 7, 7.001].map((value) => binOf(constant, value))).toEqual([0, 1, 2])
  expect(constant.deviation).toBe(0)
  const missing = createBins(new Float64Array(50).fill(Number.NaN))
  expect([5, Number.NaN].map((value) => binOf(missing, value))).toEqual([0, 1])
  expect([...createBins(new Float64Array(0)).edges]).toEqual([])
})

test('every value falls between the edges of its bin, for any sample and number of bins', () => {
  const sample = fc.array(
    fc.oneof(fc.double({ min: -(2 ** 200), max: 2 ** 200, noNaN: true }), fc.integer({ min: -3, max: 3 })),
  )
  fc.assert(
    fc.property(sample, fc.integer({ min: 2, max: 60 }), (values, count) => {
      const bins = createBins(Float64Array.from(values), count)
      expect(bins.edges.length).toBeLessThan(2 * count)
      for (const value of values) {
        const bin = binOf(bins, value)
        if (bin > 0) expect(value).toBeGreaterThan(bins.edges[bin - 1]!)
        if (bin < bins.edges.length) expect(value).toBeLessThanOrEqual(bins.edges[bin]!)
      }
      for (let bin = 1; bin < bins.centers.length; bin++) {
        expect(bins.centers[bin]).toBeGreaterThanOrEqual(bins.centers[bin - 1]!)
      }
    }),
    { numRuns: 300, seed: 1 },
  )
})

test('parts counted apart merge to the counts of the whole, in any order', () => {
  const sample = randomNormals(seededRandom(1), 3000)
  sample[7] = Number.NaN
  const bins = createBins(sample)
  const whole = createHistogram(bins)
  addValues(whole, sample)
  const parts = [0, 1000, 2000].map((start) => {
    const part = createHistogram(bins)
    for (const value of sample.subarray(start, start + 1000)) addValue(part, value)
    return part
  })
  const forwards = createHistogram(bins)
  for (const part of parts) mergeHistogram(forwards, part)
  const backwards = createHistogram(bins)
  for (const part of parts.toReversed()) mergeHistogram(backwards, part)
  expect(forwards.counts).toEqual(whole.counts)
  expect(backwards.counts).toEqual(whole.counts)
  expect(countOf(whole)).toBe(3000)
  expect(whole.counts.at(-1)).toBe(1)
})

test('a histogram survives JSON to the bit, in less than a kilobyte of numbers', () => {
  const sample = randomNormals(seededRandom(2), 999).map((value, row) => (row % 3 === 0 ? 0 : value))
  const histogram = createHistogram(createBins(sample))
  addValues(histogram, sample)
  const restored = decodeHistogram(JSON.parse(JSON.stringify(encodeHistogram(histogram))))
  expect(restored).toEqual(histogram)
  const { edges, centers, ladder } = histogram.bins
  expect(8 * (edges.length + centers.length + ladder.length + histogram.counts.length)).toBeLessThan(1024)
})

test('different bins, damaged encodings, infinite samples and senseless numbers of bins are refused', () => {
  const one = createHistogram(createBins(Float64Array.of(1, 2, 3)))
  const other = createHistogram(createBins(Float64Array.of(1, 2, 4, 8, 16)))
  expect(() => mergeHistogram(one, other)).toThrow(/different bins/)
  const encoded = encodeHistogram(other)
  expect(() => decodeHistogram({ ...encoded, counts: [1] })).toThrow(/damaged/)
  expect(() => decodeHistogram({ ...encoded, edges: encoded.edges.toReversed() })).toThrow(/damaged/)
  expect(() => decodeHistogram({ ...encoded, counts: encoded.counts.map(() => 0.5) })).toThrow(/damaged/)
  expect(() => createBins(Float64Array.of(1, Number.POSITIVE_INFINITY))).toThrow(/infinite/)
  expect(() => createBins(Float64Array.of(1), 1)).toThrow(/2 to 1000 bins/)
})
