import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { ascendingOrder } from './ascending-order.ts'
import type { Numbers } from './numbers.ts'

function sortedByComparator(values: Numbers): Uint32Array {
  return Uint32Array.from(values, (_, row) => row).sort((left, right) => values[left]! - values[right]! || left - right)
}

test('few rows come in the order of their values, ties in the order of their rows', () => {
  expect([...ascendingOrder(Float64Array.of(3, -1, 3, 0, -1))]).toEqual([1, 4, 3, 0, 2])
  expect(ascendingOrder(new Float64Array(0))).toHaveLength(0)
})

test('many rows come in the order that a comparator gives, for negative, tiny, tied and whole numbers', () => {
  const random = seededRandom(1)
  const wide = Float64Array.from({ length: 20_000 }, () => (random.next() - 0.5) * 10 ** (random.integer(40) - 20))
  expect(ascendingOrder(wide)).toEqual(sortedByComparator(wide))
  const tied = Float64Array.from({ length: 20_000 }, () => random.integer(50) - 25)
  expect(ascendingOrder(tied)).toEqual(sortedByComparator(tied))
  const floats = Float32Array.from({ length: 20_000 }, () => random.next())
  expect(ascendingOrder(floats)).toEqual(sortedByComparator(floats))
  const constant = new Float64Array(20_000).fill(7)
  expect(ascendingOrder(constant)).toEqual(sortedByComparator(constant))
})
