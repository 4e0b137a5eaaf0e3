import { expect, test } from 'vitest'
import { adjustPValues } from './adjust-p-values.ts'

test('ten p-values as Benjamini and Hochberg adjust them, in the order given', () => {
  const pValues = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
  const adjusted = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216]
  adjustPValues(pValues).forEach((value, index) => {
    expect(value).toBeCloseTo(adjusted[index]!, 6)
  })
  adjustPValues(pValues.toReversed()).forEach((value, index) => {
    expect(value).toBeCloseTo(adjusted.toReversed()[index]!, 6)
  })
})

test('one p-value stays as it is, none give none, and others are refused', () => {
  expect(adjustPValues([0.03])).toEqual([0.03])
  expect(adjustPValues([])).toEqual([])
  expect(() => adjustPValues([0.1, 1.1])).toThrow(/1.1 is not a p-value/)
  expect(() => adjustPValues([Number.NaN])).toThrow(/NaN is not a p-value/)
})
