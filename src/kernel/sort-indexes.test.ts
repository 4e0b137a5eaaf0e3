import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { sortIndexes } from './sort-indexes.ts'

test.each([
  ['few different values', 1000, () => 0, 4],
  ['values in any order', 1000, () => 0, 2 ** 30],
  ['nearly in order', 5000, (index: number) => index, 60],
  ['in order', 100, (index: number) => index, 1],
  ['one index', 1, () => 0, 1],
  ['none', 0, () => 0, 1],
])('indexes are sorted by value, and those that tie stay as they are: %s', (_, count, start, spread) => {
  const random = seededRandom(count)
  const values = Float64Array.from({ length: count + 5 }, (_, index) => start(index) + random.integer(spread))
  const given = Array.from({ length: count }, (_, index) => index + 5)
  const indexes = Uint32Array.from(given)
  sortIndexes(indexes, values)
  expect([...indexes]).toEqual(given.toSorted((a, b) => values[a]! - values[b]! || a - b))
})
