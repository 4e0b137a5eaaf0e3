import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomCounts, randomNormals } from './random-samples.ts'

test.each([
  { rows: 40, share: 0.1 },
  { rows: 1000, share: 0.3 },
  { rows: 100_000, share: 0.9 },
])('counts of $rows rows at a share of $share have the mean and the variance of a binomial', ({ rows, share }) => {
  const random = seededRandom(11)
  const draws = Array.from({ length: 20_000 }, () => randomCounts(random, rows, [share, 1 - share])[0]!)
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length
  const variance = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length
  const expected = rows * share * (1 - share)
  expect(Math.abs(mean - rows * share)).toBeLessThan(4 * Math.sqrt(expected / draws.length))
  expect(variance / expected).toBeGreaterThan(0.96)
  expect(variance / expected).toBeLessThan(1.04)
})

test('counts add up to the rows, and normal numbers have their mean and deviation', () => {
  const random = seededRandom(12)
  expect(randomCounts(random, 12_345, [0.2, 0.3, 0.1, 0.4]).reduce((sum, count) => sum + count, 0)).toBe(12_345)
  const normals = randomNormals(random, 100_000, 5, 2)
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length
  const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length
  expect(mean).toBeCloseTo(5, 1)
  expect(variance).toBeCloseTo(4, 1)
})
