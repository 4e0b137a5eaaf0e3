import { expect, test } from 'vitest'
import { around, fromZero, scores } from './ranges.ts'

test('counts begin at zero, also where there are none', () => {
  expect(fromZero(40, 100)).toEqual([0, 112.00000000000001])
  expect(fromZero(0, 0)).toEqual([0, 1])
  expect(scores(0, 0.95)).toEqual([0, 1])
})

test('metrics show their levels, with room, inside zero and one', () => {
  const [low, high] = around([0.684, 0.761])(0.73, 0.78)
  expect(low).toBeCloseTo(0.674, 3)
  expect(high).toBeCloseTo(0.79, 3)
  expect(around([])(0, 0)).toEqual([0, 1])
  expect(around([0.999])(0, 0)[1]).toBe(1)
})
