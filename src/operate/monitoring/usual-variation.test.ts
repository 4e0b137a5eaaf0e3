import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { usualProbability, usualVariation, variationOf } from './usual-variation.ts'

function normals(seed: number): () => number {
  const random = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}

test('at most one window in twenty is improbable where nothing changes, however few windows the reference had', () => {
  const normal = normals(3)
  // The square of one common cause, or the sum of nine: the index of a column in ten bins by mere chance.
  for (const causes of [1, 9]) {
    const draw = () => Array.from({ length: causes }, () => normal() ** 2).reduce((sum, square) => sum + square, 0)
    for (const windows of [5, 8, 22]) {
      let improbable = 0
      for (let run = 0; run < 2000; run++) {
        const usual = variationOf(Array.from({ length: windows }, draw), 0.95)!
        if (usualProbability(usual, draw()) < 0.05) improbable++
      }
      expect(improbable / 2000).toBeLessThan(0.06)
    }
  }
})

test('an index far above what is usual is improbable, one below it is not', () => {
  const usual = variationOf([0.1, 0.14, 0.12, 0.09, 0.13, 0.15, 0.11], 0.95)!
  expect(usual).toMatchObject({ mean: expect.closeTo(0.12, 12), windows: 7 })
  expect(usualProbability(usual, 0.1)).toBeGreaterThan(0.5)
  expect(usualProbability(usual, 0.4)).toBeLessThan(0.001)
})

test('a figure that never varied makes every other value improbable', () => {
  const usual = variationOf([2, 2, 2, 2, 2], 0.95)!
  expect(usualProbability(usual, 2)).toBe(1)
  expect(usualProbability(usual, 2.1)).toBe(0)
})

test('a column that is the same every day varies by chance alone, one that is another every day by far more', () => {
  const random = seededRandom(8)
  const windows = Array.from({ length: 20 }, (_, day) => {
    const same = new Float64Array(11)
    const weekday = new Float64Array(11)
    for (let row = 0; row < 1000; row++) {
      const bin = Math.floor(random.next() * 10)
      same[bin] = same[bin]! + 1
    }
    weekday[day % 7] = 1000
    return { same, weekday }
  })
  const same = usualVariation(windows.map((window) => window.same))!
  expect(same.psi.mean).toBeLessThan(0.02)
  expect(same.missing).toMatchObject({ mean: 0, deviation: 0 })
  const weekday = usualVariation(windows.map((window) => window.weekday))!
  expect(weekday.psi.mean).toBeGreaterThan(5)
  expect(usualProbability(weekday.psi, weekday.psi.mean)).toBeGreaterThan(0.4)
})

test('fewer than five windows of a hundred rows say nothing', () => {
  const full = Float64Array.of(60, 60, 0)
  const few = Float64Array.of(50, 40, 0)
  expect(usualVariation([full, full, full, full, few])).toBeUndefined()
  expect(usualVariation([full, full, full, full, full, few])).toBeDefined()
  expect(variationOf([1, 2, 3, 4], 0.95)).toBeUndefined()
})
