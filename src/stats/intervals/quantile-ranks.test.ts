import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { quantileRanks } from './quantile-ranks.ts'

// scipy 1.16, quantile_test(range(1, n + 1), p=share).confidence_interval(confidence)
test.each([
  [10, 0.5, 0.95, 2, 9],
  [25, 0.5, 0.95, 8, 18],
  [100, 0.5, 0.95, 40, 61],
  [100, 0.5, 0.9, 42, 59],
  [100, 0.75, 0.95, 66, 84],
  [368, 0.99, 0.95, 360, 368],
  [367, 0.99, 0.95, 359, undefined],
  [500, 0.99, 0.95, 490, 500],
  [1000, 0.99, 0.95, 983, 997],
  [15_000, 0.99, 0.95, 14_826, 14_874],
  [15_000, 0.5, 0.95, 7380, 7621],
  [15_000, 0.999, 0.95, 14_977, 14_993],
  [2000, 0.999, 0.95, 1995, undefined],
  [300_000, 0.99, 0.99, 296_859, 297_140],
  [5, 0.5, 0.95, undefined, undefined],
  [6, 0.5, 0.95, 1, 6],
])(
  'of %i values the %f quantile lies at %f between ranks %s and %s, as scipy has it',
  (...[n, share, at, low, high]) => {
    expect([quantileRanks(n, share, at).low, quantileRanks(n, share, at).high]).toEqual([low, high])
  },
)

test('the interval holds the quantile as often as it says', () => {
  const random = seededRandom(3)
  const { low = 0, high = 0 } = quantileRanks(400, 0.9)
  let held = 0
  for (let round = 0; round < 1000; round += 1) {
    const values = Float64Array.from({ length: 400 }, () => random.next()).sort()
    if (values[low - 1]! <= 0.9 && 0.9 <= values[high - 1]!) held += 1
  }
  // At least .95, and some more because ranks are whole; four standard errors around .955.
  expect(held).toBeGreaterThan(930)
  expect(held).toBeLessThan(982)
})

test('no value bounds nothing, and what is no share is refused', () => {
  expect(quantileRanks(0, 0.99)).toEqual({})
  expect(() => quantileRanks(10, 1)).toThrow(expect.objectContaining({ code: 'invalid_parameter' }))
})
