import { expect, test } from 'vitest'
import { lastBefore, shortestOf, unionOf, windowAt } from './windows.ts'

const points = [
  { from: 0, to: 10 },
  { from: 10, to: 20 },
  { from: 30, to: 35 },
]

test('a window holds its start and not its end', () => {
  const found = [-1, 0, 9, 10, 19, 20, 29, 30, 34, 35].map((time) =>
    points.findIndex((point) => Object.is(point, windowAt(points, time))),
  )
  expect(found).toEqual([-1, 0, 0, 1, 1, -1, -1, 2, 2, -1])
  expect(windowAt([], 5)).toBeUndefined()
})

test('the last window before a time, and the shortest of all', () => {
  expect(lastBefore(points, 30)).toBe(points[1])
  expect(lastBefore(points, 0)).toBeUndefined()
  expect(shortestOf(points)).toBe(5)
  expect(shortestOf([])).toBeUndefined()
})

test('spans that overlap or touch become one', () => {
  const spans = [
    { from: 30, to: 40 },
    { from: 0, to: 10 },
    { from: 10, to: 12 },
    { from: 5, to: 8 },
    { from: 13, to: 20 },
  ]
  expect(unionOf(spans)).toEqual([
    { from: 0, to: 12 },
    { from: 13, to: 20 },
    { from: 30, to: 40 },
  ])
})
