import { expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { quantileCuts } from './quantile-cuts.ts'

test('few distinct values are parted in the middle', () => {
  expect([...quantileCuts(Float32Array.of(3, 1, 2, 2, 1), 255)]).toEqual([1.5, 2.5])
  expect([...quantileCuts(Float32Array.of(-1, 1), 255)]).toEqual([0])
})

test('a column that is constant, empty or all missing has no cut', () => {
  expect(quantileCuts(Float32Array.of(5, 5, 5), 255)).toHaveLength(0)
  expect(quantileCuts(Float32Array.of(-0, 0), 255)).toHaveLength(0)
  expect(quantileCuts(Float32Array.of(Number.NaN, Number.NaN), 255)).toHaveLength(0)
})

test('a column with missing values has a last cut at infinity', () => {
  expect([...quantileCuts(Float32Array.of(5, Number.NaN), 255)]).toEqual([Number.POSITIVE_INFINITY])
  const many = Float32Array.from({ length: 3000 }, (_, i) => (i === 7 ? Number.NaN : i))
  const cuts = quantileCuts(many, 255)
  expect(cuts).toHaveLength(254)
  expect(cuts.at(-1)).toBe(Number.POSITIVE_INFINITY)
})

test('neighbouring floats and infinities are parted by a cut above the lower and not above the higher', () => {
  const next = 1 + 2 ** -23
  expect([...quantileCuts(Float32Array.of(1, next), 255)]).toEqual([next])
  const { POSITIVE_INFINITY, NEGATIVE_INFINITY } = Number
  expect([...quantileCuts(Float32Array.of(NEGATIVE_INFINITY, 1, POSITIVE_INFINITY), 255)]).toEqual([
    1,
    POSITIVE_INFINITY,
  ])
})

test('many values are parted into bins of like size, whatever their order', () => {
  const rows = 200_000
  const random = seededRandom(3)
  const column = Float32Array.from({ length: rows }, () => random.next() ** 3)
  for (const ordered of [column, column.slice().sort()]) {
    const cuts = quantileCuts(ordered, 64)
    expect(cuts).toHaveLength(63)
    for (const [i, cut] of cuts.entries()) {
      expect(cut).toBeGreaterThan(cuts[i - 1] ?? 0)
      // The value is the cube of a uniform number, so its rank is the cube root.
      expect(cut ** (1 / 3)).toBeCloseTo((i + 1) / 64, 2)
    }
  }
})

test('a frequent value leaves the others half of the cuts', () => {
  const random = seededRandom(4)
  const column = Float32Array.from({ length: 60_000 }, () => (random.next() < 0.99 ? 0 : random.next()))
  const cuts = quantileCuts(column, 64)
  expect(cuts.length).toBeGreaterThanOrEqual(64 / 2 - 1)
  expect(cuts[1]).toBeLessThan(0.1)
})

test('frequent values do not make bins of few rows of the others', () => {
  // Half of the rows share eight values; each of the others is there once.
  const rows = 40_000
  const column = Float32Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? (row / 2) % 8 : 8 + row / rows))
  const cuts = [...quantileCuts(column, 32)].filter((cut) => cut > 8)
  expect(cuts.length).toBeGreaterThanOrEqual(15)
  expect(cuts.length).toBeLessThanOrEqual(17)
})

test('bins of values of like frequency hold as many rows at either end', () => {
  // Three rows of each value, and a bin has room for not quite five: bins of two values all along would leave too many cuts for the end.
  const values = 400
  const column = Float32Array.from({ length: 3 * values }, (_, row) => row % values)
  const cuts = [...quantileCuts(column, 255)]
  const below = cuts.filter((cut) => cut < values / 2).length
  expect(Math.abs(below - cuts.length / 2)).toBeLessThan(2)
})
