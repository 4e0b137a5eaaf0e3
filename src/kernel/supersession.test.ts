import { expect, test } from 'vitest'
import { supersededAt } from './supersession.ts'

const { POSITIVE_INFINITY: never } = Number

test('a row counts from when it is known until a higher revision of its id is', () => {
  expect([...supersededAt(['a', 'a', 'b', 'c', 'c'], Float64Array.of(1, 5, 2, 3, 4))]).toEqual([
    5,
    never,
    never,
    4,
    never,
  ])
})

test('a revision that comes after a higher one is never seen', () => {
  const visibleAt = Float64Array.of(1, 9, 4, 4)
  const hiddenAt = supersededAt([7, 7, 7, 7], visibleAt)
  expect([...hiddenAt]).toEqual([4, 4, 4, never])
  expect(Array.from(hiddenAt, (hidden, row) => hidden > (visibleAt[row] as number))).toEqual([true, false, false, true])
})
