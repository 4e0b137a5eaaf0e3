import { expect, test } from 'vitest'
import { holm } from './holm.ts'
import { studentDifference, studentQuantile } from './tested-difference.ts'

test.each([
  [10, [1.8124611, 2.2281389, 4.1437005]],
  [19, [1.7291328, 2.0930241, 3.5794001]],
  [60, [1.6706489, 2.0002978, 3.2317091]],
])("Student's quantiles at %i degrees of freedom are those of scipy, and never smaller", (degrees, expected) => {
  for (const [index, probability] of [0.95, 0.975, 0.999].entries()) {
    const ratio = studentQuantile(probability, degrees) / expected[index]!
    expect(ratio).toBeGreaterThan(1)
    expect(ratio).toBeLessThan(probability === 0.999 ? 1.15 : 1.02)
  }
  expect(studentQuantile(0.05, degrees)).toBeCloseTo(-studentQuantile(0.95, degrees), 12)
})

test('bounds and chances say the same, also for few degrees of freedom', () => {
  const difference = studentDifference(0.3, 0.1, 12)
  expect(difference.pAbove(difference.lower(0.01))).toBeCloseTo(0.01, 8)
  expect(difference.pBelow(difference.upper(0.2))).toBeCloseTo(0.2, 8)
  expect(difference.pAbove(0.3)).toBeCloseTo(0.5, 12)
})

test('of a known difference every bound is the difference, at any level', () => {
  const known = studentDifference(0.2, 0, 9)
  for (const alpha of [0.05, 1e-9]) expect([known.lower(alpha), known.upper(alpha)]).toEqual([0.2, 0.2])
  expect(Number.isFinite(studentDifference(0.2, 0.1, 9).lower(1e-9))).toBe(true)
})

test('Holm multiplies the smallest by all, the next by one less, and never turns their order around', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02])
  expect(holm([0.5, 0.9])).toEqual([1, 1])
  expect(holm([])).toEqual([])
  expect(() => holm([1.5])).toThrow(/1.5 is not a p-value/)
})
