import { expect, test } from 'vitest'
import { classOrder } from './class-order.ts'

test('probabilities are put in the order that labels are numbered in, and a class that a version does not know has none', () => {
  const given = Float64Array.of(0.2, 0.5, 0.3)
  expect(classOrder(['a', 'b', 'c'], ['a', 'b', 'c'])!(given)).toBe(given)
  expect(classOrder(['a', 'b', 'c'], ['c', 'd', 'a', 'b'])!(given)).toEqual(Float64Array.of(0.3, 0, 0.2, 0.5))
  expect(classOrder(['a', 'b', 'c'], ['c', 'a'])!(given)).toEqual(Float64Array.of(0.3, 0.2))
  expect(classOrder(['a', 'b', 'c'], undefined)).toBeUndefined()
  expect(classOrder(undefined, ['a', 'b', 'c'])).toBeUndefined()
})
