import { expect, test } from 'vitest'
import { weighRows } from './weigh-rows.ts'

const labels = Float64Array.of(1, 0, 0, 0, 1, 1)
const training = { from: 0, to: 4 }

test('without weights each row counts once, and with classes by its outcome', () => {
  expect(weighRows(undefined, { labels }, training)).toBeUndefined()
  expect(weighRows({ classes: { positive: 5, negative: 2 } }, { labels }, training)).toEqual(
    Float64Array.of(5, 2, 2, 2, 5, 5),
  )
})

test('balanced, both outcomes of the training rows count for half of them, whatever the others are', () => {
  const weights = weighRows({ classes: 'balanced' }, { labels }, training)!
  expect([...weights.subarray(0, 4)]).toEqual([2, 2 / 3, 2 / 3, 2 / 3])
  expect(weights[4]).toBe(2)
})

test('weights of rows and of outcomes are multiplied, and balance is that of the weighted rows', () => {
  const ofRows = Float64Array.of(3, 1, 1, 1, 10, 10)
  expect(weighRows({}, { labels, weights: ofRows }, training)).toBe(ofRows)
  const weights = weighRows({ classes: 'balanced' }, { labels, weights: ofRows }, training)!
  expect([...weights.subarray(0, 4)]).toEqual([3, 1, 1, 1])
})
