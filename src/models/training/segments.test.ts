import { expect, test } from 'vitest'
import { rowsOfGroups, segmentRows, takeRows } from './segments.ts'

test('rows are grouped by value, no value being a group of its own', () => {
  const segmentation = segmentRows('origin', ['ORD', null, 'ORD', 'null', 'ATL', null])
  expect(segmentation).toEqual({
    ...{ column: 'origin', names: ['ORD', null, 'null', 'ATL'], groups: Uint32Array.of(0, 1, 0, 2, 3, 1) },
  })
  expect(rowsOfGroups(segmentation).map((rows) => [...rows])).toEqual([[0, 2], [1, 5], [3], [4]])
  expect(takeRows(Float64Array.of(7, 8, 9), Uint32Array.of(2, 0))).toEqual(Float64Array.of(9, 7))
  expect(rowsOfGroups(segmentRows('origin', []))).toEqual([])
})
