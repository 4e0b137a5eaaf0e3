import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { reorder, sortOrder } from './sort-order.ts'

function sorted(entities: readonly number[], times: readonly number[]): number[] {
  const key = (row: number) => [entities[row]!, times[row]!, row] as const
  return entities.map((_, row) => row).sort((left, right) => compare(key(left), key(right)))
}

function compare(left: readonly number[], right: readonly number[]): number {
  const index = left.findIndex((value, place) => value !== right[place])
  return index === -1 ? 0 : left[index]! - right[index]!
}

test.each([
  ['few values', 3, 5, 0],
  ['microseconds over decades', 5000, 2 ** 51, -(2 ** 50)],
  ['one entity', 1, 1000, 978_307_200_000_000],
])('rows are sorted by entity, then time, then as they came: %s', (_, entities, times, start) => {
  const random = seededRandom(entities)
  const ofEntities = Array.from({ length: 3000 }, () => random.integer(entities))
  const ofTimes = Array.from(
    { length: 3000 },
    () => start + random.integer(2 ** 32) * Math.floor(times / 2 ** 32) + random.integer(Math.min(times, 2 ** 32)),
  )
  const order = sortOrder(Float64Array.from(ofEntities), Float64Array.from(ofTimes))
  expect([...order]).toEqual(sorted(ofEntities, ofTimes))
})

test('no rows, and rows that are sorted, stay as they are', () => {
  expect([...sortOrder(new Float64Array(0), new Float64Array(0))]).toEqual([])
  expect([...sortOrder(Float64Array.of(1, 1, 2), Float64Array.of(5, 6, 0))]).toEqual([0, 1, 2])
  expect([...reorder(Float64Array.of(7, 8, 9), Uint32Array.of(2, 0, 1), new Int32Array(3))]).toEqual([9, 7, 8])
})
