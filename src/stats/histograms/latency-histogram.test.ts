import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomNormal } from '../testing/random-samples.ts'
import { LatencyHistogram } from './latency-histogram.ts'

function latencies(rows: number): Float64Array {
  const random = seededRandom(1)
  return Float64Array.from({ length: rows }, () => Math.exp(7 + 1.5 * randomNormal(random)))
}

test('quantiles lie within 2% of the exact ones', () => {
  const values = latencies(20_000)
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.add(value)
  const sorted = values.toSorted()
  for (let permille = 1; permille < 1000; permille++) {
    const exact = sorted[Math.ceil((permille / 1000) * sorted.length) - 1]!
    expect(Math.abs(histogram.quantile(permille / 1000)! / exact - 1)).toBeLessThanOrEqual(0.02)
  }
  expect(histogram.quantile(0)).toBe(sorted[0])
  expect(histogram.quantile(1)).toBe(sorted.at(-1))
  expect(histogram.largest).toBe(sorted.at(-1))
  expect(histogram.count).toBe(20_000)
})

test('one latency is every quantile, exactly', () => {
  const histogram = new LatencyHistogram()
  histogram.add(1234.5)
  expect([0, 0.5, 0.99, 1].map((share) => histogram.quantile(share))).toEqual([1234.5, 1234.5, 1234.5, 1234.5])
})

test('parts merge to the whole in any order, and survive JSON', () => {
  const values = latencies(3000)
  const whole = new LatencyHistogram()
  const parts = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
  for (const [row, value] of values.entries()) {
    whole.add(value)
    parts[row % 3]!.add(value)
  }
  const forwards = new LatencyHistogram()
  for (const part of parts) forwards.merge(part)
  const backwards = new LatencyHistogram()
  for (const part of parts.toReversed()) backwards.merge(part)
  expect(forwards.toJSON()).toEqual(whole.toJSON())
  expect(backwards.toJSON()).toEqual(whole.toJSON())
  const restored = LatencyHistogram.fromJSON(JSON.parse(JSON.stringify(whole)))
  expect(restored.toJSON()).toEqual(whole.toJSON())
  expect(restored.quantile(0.99)).toBe(whole.quantile(0.99))
})

test('an empty histogram has no quantiles, before and after JSON and merging', () => {
  const empty = LatencyHistogram.fromJSON(JSON.parse(JSON.stringify(new LatencyHistogram())))
  empty.merge(new LatencyHistogram())
  expect(empty.quantile(0.5)).toBeUndefined()
  expect(empty.largest).toBeUndefined()
  expect(empty.count).toBe(0)
})

test('the ends: nothing at all, less than a microsecond, more than twelve days', () => {
  const histogram = new LatencyHistogram()
  for (const latency of [0, 0.2, 1e15]) histogram.add(latency)
  expect(histogram.count).toBe(3)
  expect(histogram.quantile(0)).toBe(0)
  expect(histogram.quantile(1)).toBe(1e15)
})

test('what is no latency, no share or no encoding is refused', () => {
  const histogram = new LatencyHistogram()
  expect(() => histogram.add(-1)).toThrow(/latency of -1/)
  expect(() => histogram.add(Number.NaN)).toThrow(/latency of NaN/)
  expect(() => histogram.quantile(99)).toThrow(/share 99/)
  expect(() => LatencyHistogram.fromJSON({ smallest: 1, largest: 2, buckets: [[99_999, 1]] })).toThrow(/bucket 99999/)
  expect(() => LatencyHistogram.fromJSON({ smallest: 1, largest: 2, buckets: [[3, 0.5]] })).toThrow(/damaged/)
})
