import { expect, test } from 'vitest'
import { columnsOf, isolatedOf } from './columns.ts'

const shown = { from: 0, to: 100 }

test('points stand in the middle of their windows, and gaps break the line', () => {
  const points = [
    { from: 0, to: 10, value: 1 },
    { from: 10, to: 20, value: undefined },
    { from: 40, to: 50, value: 3 },
    { from: 50, to: 60, value: 4 },
  ]
  expect(columnsOf(points, [({ value }) => value], shown)).toEqual({
    x: [5, 15, 30, 45, 55],
    y: [[1, null, null, 3, 4]],
  })
})

test('a window that touches no other is drawn over the part of it that is shown', () => {
  const points = [{ from: 80, to: 120, value: 7 }]
  expect(columnsOf(points, [({ value }) => value, () => undefined], shown)).toEqual({
    x: [80, 100],
    y: [
      [7, 7],
      [null, null],
    ],
  })
})

test('the middle of a window at the edge is that of the part shown', () => {
  const points = [
    { from: 60, to: 80 },
    { from: 80, to: 120 },
  ]
  expect(columnsOf(points, [() => 1], shown).x).toEqual([70, 90])
})

test('values between gaps are found, also at the ends', () => {
  expect(isolatedOf([1, null, 2, 3, null, 4, null, null, 5])).toEqual([0, 5, 8])
  expect(isolatedOf([])).toEqual([])
})
