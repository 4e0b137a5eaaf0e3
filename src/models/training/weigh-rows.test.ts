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

test('of several classes each has its weight, and balanced each that has rows counts for as much', () => {
  const names = ['a', 'b', 'c', 'd']
  const ofClasses = Float64Array.of(2, 0, 0, 1, 1, 3)
  const given = weighRows({ classes: { a: 1, b: 2, c: 3, d: 0 } }, { labels: ofClasses }, training, names)
  expect(given).toEqual(Float64Array.of(3, 1, 1, 2, 2, 0))
  const balanced = weighRows({ classes: 'balanced' }, { labels: ofClasses }, training, names)!
  expect([...balanced]).toEqual([1, 0.5, 0.5, 1, 1, 0])
})

test('weights of rows and of outcomes are multiplied, and balance is that of the weighted rows', () => {
  const ofRows = Float64Array.of(3, 1, 1, 1, 10, 10)
  expect(weighRows({}, { labels, weights: ofRows }, training)).toBe(ofRows)
  const weights = weighRows({ classes: 'balanced' }, { labels, weights: ofRows }, training)!
  expect([...weights.subarray(0, 4)]).toEqual([3, 1, 1, 1])
})

test('balanced, a first class without training rows counts for nothing, whatever sums of weights round to', () => {
  const late = Float64Array.from({ length: 31 }, (_, row) => (row === 30 ? 0 : 1 + (row % 2)))
  const ofRows = late.map((_, row) => [0.1, 0.2, 0.3, 0.7][row % 4]!)
  const of = { labels: late, weights: ofRows }
  const weights = weighRows({ classes: 'balanced' }, of, { from: 0, to: 30 }, ['a', 'b', 'c'])!
  expect(weights[30]).toBe(0)
})
