import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { createArrange } from './arrange.ts'
import { createRowBuckets, type ReadRows, rowsWithin } from './row-buckets.ts'

/** As many rows at once as DuckDB gives, or fewer. */
const CHUNK = 700

/** Puts rows into buckets; the second column says in which place each was. */
function bucketsOf(
  entities: readonly number[],
  times: readonly number[],
  ofBucket: number,
  expected: number,
): ReadRows {
  const buckets = createRowBuckets(Math.max(0, ...entities), ofBucket, 2, expected)
  const places = entities.map((_, row) => row)
  for (let from = 0; from < entities.length; from += CHUNK) {
    const [added, ...columns] = [entities, times, places].map((column) =>
      Float64Array.from(column.slice(from, from + CHUNK)),
    )
    buckets.add(added!, columns, added!.length)
  }
  return buckets.end()
}

/** Places of rows by entity, then time, then as they came. */
function expectedOrder(entities: readonly number[], times: readonly number[]): number[] {
  const rows = entities.map((_, row) => row)
  return rows.sort((a, b) => entities[a]! - entities[b]! || times[a]! - times[b]! || a - b)
}

test.each([
  ['few different times', 3, 5, 0, 1],
  ['microseconds over decades', 50, 2 ** 51, -(2 ** 50), 1],
  ['one entity', 1, 1000, 978_307_200_000_000, 1],
  ['rows that come nearly in order', 4, 40, 0, 0],
  ['more entities than rows', 100_000, 3, 0, 1],
])('rows are put together by entity and sorted by time: %s', (_, entities, spread, start, isShuffled) => {
  const random = seededRandom(entities)
  const ofEntities = Array.from({ length: 3000 }, () => random.integer(entities))
  const ofTimes = ofEntities.map(
    (_, row) => start + (isShuffled === 1 ? 0 : row) + Math.floor((random.integer(2 ** 31) / 2 ** 31) * spread),
  )
  const expected = expectedOrder(ofEntities, ofTimes)
  // One entity a bucket, a few, or all; and room for them at once, or for a part of them.
  for (const [ofBucket, room] of [
    [0, 3000],
    [2, 3000],
    [20, 100],
  ] as const) {
    const rows = bucketsOf(ofEntities, ofTimes, ofBucket, room)
    const buckets = rows.starts.length - 1
    const arrange = createArrange(rows, false)
    const bounds = [...new Set([0, 1, Math.ceil(buckets / 2), buckets])]
    const inRanges = bounds.slice(1).map((to, range) => {
      const arranged = arrange(bounds[range]!, to)
      const [times, places] = arranged.columns.map((column) => column.slice(0, arranged.count))
      expect(arranged.count).toBe(rowsWithin(rows, bounds[range]!, to))
      expect([...times!]).toEqual([...places!].map((row) => ofTimes[row]))
      expect([...arranged.entities.subarray(0, arranged.count)]).toEqual([...places!].map((row) => ofEntities[row]))
      return [...places!]
    })
    expect(inRanges.flat()).toEqual(expected)
  }
})

test('no rows and rows in order stay as they are', () => {
  const order = (entities: number[], times: number[], isOrdered = false) => {
    const rows = bucketsOf(entities, times, 0, 0)
    const { count, columns } = createArrange(rows, isOrdered)(0, rows.starts.length - 1)
    return [...columns[1]!.subarray(0, count)]
  }
  expect(order([], [])).toEqual([])
  expect(order([0, 0, 1], [5, 6, 0])).toEqual([0, 1, 2])
  expect(order([1, 0, 1], [6, 0, 5], true)).toEqual([1, 0, 2])
})

test('a column given twice stays one', () => {
  const rows = bucketsOf([1, 1, 2, 2], [9, 8, 7, 6], 0, 4)
  const [times, others] = createArrange({ ...rows, columns: [rows.columns[0]!, rows.columns[0]!] }, false)(2, 3).columns
  expect(others).toBe(times)
  expect([...times!]).toEqual([6, 7])
})
