import { expect, test } from 'vitest'
import { hashNumber, hashText } from './hash.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import { LogHistogram } from './log-histogram.ts'

const hash = new Uint32Array(2)

test.each([0, 1, 50, 1000, 20_000, 300_000])(
  '%i different values are estimated within three standard errors',
  (count) => {
    const [numbers, texts] = [new HyperLogLog(), new HyperLogLog()]
    // Twice, because the state is a function of the set.
    for (let turn = 0; turn < 2; turn += 1)
      for (let value = 0; value < count; value += 1) {
        hashNumber(value * 0.25 - 1000, hash)
        numbers.add(hash[0]!, hash[1]!)
        hashText(`value ${value}`, hash)
        texts.add(hash[0]!, hash[1]!)
      }
    for (const sketch of [numbers, texts])
      expect(Math.abs(sketch.estimate() - count)).toBeLessThanOrEqual(count * 0.0245 + 0.5)
  },
)

test('quantiles lie within .4% of those of the sorted values', () => {
  const values = Float64Array.from({ length: 10_001 }, (_, index) => Math.sin(index) * 10 ** ((index % 13) - 6))
  const histogram = new LogHistogram()
  for (const value of values) histogram.add(value)
  const sorted = values.toSorted()
  for (const at of [0, 0.01, 0.25, 0.5, 0.9, 0.999, 1]) {
    const exact = sorted[Math.max(1, Math.ceil(at * sorted.length)) - 1]!
    expect(Math.abs(histogram.quantile(at) - exact)).toBeLessThanOrEqual(0.004 * Math.abs(exact))
  }
})

test('zeros, the smallest and the largest numbers have buckets in their order', () => {
  const histogram = new LogHistogram()
  for (const value of [2 ** 200, -(2 ** 200), 0, 0, 2 ** -200, -(2 ** -200)]) histogram.add(value)
  const buckets = [...histogram.buckets()]
  expect(buckets.map(([, , count]) => count)).toEqual([1, 1, 2, 1, 1])
  expect(buckets.every(([low], index) => index === 0 || low >= buckets[index - 1]![1])).toBe(true)
  expect(new LogHistogram().quantile(0.5)).toBeNaN()
})
