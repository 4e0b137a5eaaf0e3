import { expect, test } from 'vitest'
import { matchedLines } from './training-output.ts'

const matched = [
  { written: 'amount', input: 'amount' },
  { written: 'orders_mean', input: 'orders.mean' },
]

test('by order all inputs are told, by name those that the file names otherwise', () => {
  expect(matchedLines(matched, true)).toEqual([
    'inputs, by their order:',
    '  0  amount is taken for amount',
    '  1  orders_mean is taken for orders.mean',
  ])
  expect(matchedLines(matched, false)).toEqual([
    'inputs that the file names otherwise:',
    '  1  orders_mean is taken for orders.mean',
  ])
  expect(matchedLines(matched.slice(0, 1), false)).toEqual([])
})

test('inputs that a file only numbers are told by their places', () => {
  expect(matchedLines([{ input: 'amount' }], true)).toEqual(['inputs, by their order:', '  0  amount'])
  expect(matchedLines(undefined, true)).toEqual([])
})
