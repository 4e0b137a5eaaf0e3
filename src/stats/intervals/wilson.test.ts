import { expect, test } from 'vitest'
import { wilsonInterval } from './wilson.ts'

// Newcombe (1998), Statistics in Medicine 17, table I, method 3.
test.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('%i of %i lies between %f and %f', (successes, rows, low, high) => {
  expect(wilsonInterval(successes, rows)!.low).toBeCloseTo(low, 4)
  expect(wilsonInterval(successes, rows)!.high).toBeCloseTo(high, 4)
})

test('all successes reach 1 exactly, and no rows give no interval', () => {
  expect(wilsonInterval(29, 29)!.high).toBe(1)
  expect(wilsonInterval(0, 0)).toBeUndefined()
})

test('what is no share is refused', () => {
  expect(() => wilsonInterval(3, 2)).toThrow(/3 of 2 is not a share/)
  expect(() => wilsonInterval(Number.NaN, 2)).toThrow(/not a share/)
  expect(() => wilsonInterval(1, 2, 1)).toThrow(/confidence of 1/)
})
