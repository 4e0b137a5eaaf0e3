import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { groupByEntity, sortTimes } from './arrange.ts'

/** Places of rows by entity, then time, then as they came. */
function expectedOrder(entities: readonly number[], times: readonly number[]): number[] {
  const rows = entities.map((_, row) => row)
  return rows.sort((a, b) => entities[a]! - entities[b]! || times[a]! - times[b]! || a - b)
}

function arrangedOrder(entities: readonly number[], times: readonly number[]): number[] {
  const places = Float64Array.from(entities, (_, row) => row)
  const rows = groupByEntity(Float64Array.from(entities), [Float64Array.from(times), places])
  sortTimes(rows, 0, rows.count)
  expect([...rows.columns[0]!]).toEqual([...rows.columns[1]!].map((row) => times[row]))
  expect([...rows.entities]).toEqual([...rows.columns[1]!].map((row) => entities[row]))
  return [...rows.columns[1]!]
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
  expect(arrangedOrder(ofEntities, ofTimes)).toEqual(expectedOrder(ofEntities, ofTimes))
})

test('no rows and rows in order stay as they are', () => {
  expect(arrangedOrder([], [])).toEqual([])
  expect(arrangedOrder([0, 0, 1], [5, 6, 0])).toEqual([0, 1, 2])
})

test('only the entities within the bounds are sorted, and a column given twice stays one', () => {
  const times = Float64Array.of(9, 8, 7, 6)
  const rows = groupByEntity(Float64Array.of(1, 1, 2, 2), [times, times])
  expect(rows.columns[1]).toBe(rows.columns[0])
  sortTimes(rows, 2, 4)
  expect([...rows.columns[0]!]).toEqual([9, 8, 6, 7])
})
