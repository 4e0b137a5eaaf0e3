import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { groupByEntity, rowsByEntity, sortTimes } from './arrange.ts'

/** Places of rows by entity, then time, then as they came. */
function expectedOrder(entities: readonly number[], times: readonly number[]): number[] {
  const rows = entities.map((_, row) => row)
  return rows.sort((a, b) => entities[a]! - entities[b]! || times[a]! - times[b]! || a - b)
}

/** The same of the entities [from, to). */
function arrangedOrder(entities: readonly number[], times: readonly number[], from = 0, to = 2 ** 31): number[] {
  const places = Float64Array.from(entities, (_, row) => row)
  const rows = groupByEntity(rowsByEntity(Float64Array.from(entities), [Float64Array.from(times), places]), from, to)
  sortTimes(rows)
  expect(rows.count).toBe(rows.entities.length)
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
  const expected = expectedOrder(ofEntities, ofTimes)
  expect(arrangedOrder(ofEntities, ofTimes)).toEqual(expected)
  const bounds = [0, 1, Math.ceil(entities / 2), entities + 5]
  const inRanges = bounds.slice(1).map((to, range) => arrangedOrder(ofEntities, ofTimes, bounds[range], to))
  expect(inRanges.flat()).toEqual(expected)
})

test('no rows and rows in order stay as they are', () => {
  expect(arrangedOrder([], [])).toEqual([])
  expect(arrangedOrder([0, 0, 1], [5, 6, 0])).toEqual([0, 1, 2])
})

test('a column given twice stays one', () => {
  const times = Float64Array.of(9, 8, 7, 6)
  const rows = groupByEntity(rowsByEntity(Float64Array.of(1, 1, 2, 2), [times, times]), 2, 3)
  expect(rows.columns[1]).toBe(rows.columns[0])
  sortTimes(rows)
  expect([...rows.columns[0]!]).toEqual([6, 7])
})
