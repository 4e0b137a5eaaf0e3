import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { randomNormals } from '../testing/random-samples.ts'
import { binnedKolmogorovSmirnov, kolmogorovSmirnov, kolmogorovSmirnovP } from './kolmogorov-smirnov.ts'

/** The share of all orders of two samples whose distance reaches the statistic, by trying each. */
function pByOrders(statistic: number, rows: number, columns: number): number {
  let reached = 0
  let orders = 0
  const walk = (row: number, column: number, largest: number) => {
    const distance = Math.max(largest, Math.abs(row / rows - column / columns))
    if (row === rows && column === columns) {
      orders++
      if (distance > statistic - 1e-9) reached++
      return
    }
    if (row < rows) walk(row + 1, column, distance)
    if (column < columns) walk(row, column + 1, distance)
  }
  walk(0, 0, 0)
  return reached / orders
}

test('two samples of eight: distance .625, exact p 1120 of 12870 as in SciPy', () => {
  const { statistic, pValue } = kolmogorovSmirnov(
    Float64Array.of(38.7, 41.5, 43.8, 44.5, 45.5, 46, 47.7, 58),
    Float64Array.of(39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3, 45.8),
  )!
  expect(statistic).toBe(0.625)
  expect(pValue).toBeCloseTo(1120 / 12_870, 14)
})

test.each([
  [3, 4],
  [5, 5],
  [6, 4],
  [7, 3],
  [1, 9],
  [8, 6],
])('the exact p-value for %i and %i rows is the share of orders', (rows, columns) => {
  for (let step = 0; step <= rows * columns; step++) {
    const statistic = step / (rows * columns)
    const attained = pByOrders(statistic, rows, columns)
    expect(kolmogorovSmirnovP(statistic, rows, columns)).toBeCloseTo(attained, 12)
  }
})

test('beyond 10,000 rows the critical values of the limiting distribution hold', () => {
  const rows = 4_000_000
  const size = Math.sqrt(rows / 2)
  expect(kolmogorovSmirnovP(1.2238 / size, rows, rows)).toBeCloseTo(0.1, 3)
  expect(kolmogorovSmirnovP(1.3581 / size, rows, rows)).toBeCloseTo(0.05, 3)
  expect(kolmogorovSmirnovP(1.6276 / size, rows, rows)).toBeCloseTo(0.01, 3)
  expect(kolmogorovSmirnovP(0, rows, rows)).toBe(1)
})

test('exact and asymptotic meet where one takes over from the other', () => {
  for (const statistic of [0.012, 0.019, 0.025]) {
    const exact = kolmogorovSmirnovP(statistic, 10_000, 10_000)
    expect(kolmogorovSmirnovP(statistic, 10_001, 10_001) / exact).toBeCloseTo(1, 1)
  }
})

test('ties are taken together', () => {
  expect(kolmogorovSmirnov(Float64Array.of(1, 1, 2), Float64Array.of(1, 1, 2))!.statistic).toBe(0)
  expect(kolmogorovSmirnov(Float64Array.of(0, 0, 0), Float64Array.of(0, 1, 1))!.statistic).toBeCloseTo(2 / 3, 12)
})

test.each([50, 300, 10_001])('equal distributions of %i rows alarm in at most 6% of samples', (rows) => {
  const random = seededRandom(21)
  const samples = rows > 1000 ? 200 : 1000
  let alarms = 0
  for (let sample = 0; sample < samples; sample++) {
    if (kolmogorovSmirnov(randomNormals(random, rows), randomNormals(random, rows))!.pValue <= 0.05) alarms++
  }
  expect(alarms / samples).toBeLessThanOrEqual(0.06)
  expect(alarms).toBeGreaterThan(0)
})

test('over bins the distance is at most that of the values and the test no less careful', () => {
  const { statistic, pValue } = binnedKolmogorovSmirnov([10, 20, 30], [20, 20, 20])!
  expect(statistic).toBeCloseTo(1 / 6, 12)
  expect(pValue).toBeGreaterThan(0.3)
  expect(binnedKolmogorovSmirnov([10, 0], [0, 10])!.statistic).toBe(1)
  expect(binnedKolmogorovSmirnov([0, 0], [0, 10])).toBeUndefined()
})

test('there is no distance to an empty sample, and NaN is refused', () => {
  expect(kolmogorovSmirnov(new Float64Array(0), Float64Array.of(1))).toBeUndefined()
  expect(() => kolmogorovSmirnov(Float64Array.of(Number.NaN), Float64Array.of(1))).toThrow(
    /Value 0 of the sample is NaN/,
  )
})
