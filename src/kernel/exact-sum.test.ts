import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { ExactMoments, SQUARES, SUMS } from './exact-sum.ts'

function momentsOf(values: readonly number[]): ExactMoments {
  const moments = new ExactMoments(1)
  moments.move(0, SQUARES, Float64Array.from(values), 0, values.length, 1)
  return moments
}

test('sums are rounded once, whatever the sizes of the values', () => {
  expect(momentsOf([1e16, 1, -1e16, 0.5]).sum(0)).toBe(1.5)
  expect(momentsOf([2 ** 200, 1, 2 ** -200, -(2 ** 200), -1]).sum(0)).toBe(2 ** -200)
  expect(momentsOf([2 ** 53 - 1, 2 ** 53 - 1, 1]).sum(0)).toBe(2 ** 54)
})

test('the spread of values far from zero is exact', () => {
  const far = [2 ** 52 + 1, 2 ** 52 + 2, 2 ** 52 + 3]
  expect(momentsOf(far).spread(0)).toBe(6)
  expect(momentsOf([0.1, 0.1, 0.1]).spread(0)).toBe(0)
  expect(momentsOf([1e100, 1e100 * (1 + 2 ** -52)]).spread(0)).toBe((1e100 * (1 + 2 ** -52) - 1e100) ** 2)
})

test('NaN is no value', () => {
  const moments = momentsOf([Number.NaN, 2, Number.NaN, 3])
  expect([moments.count(0), moments.sum(0), moments.spread(0)]).toEqual([2, 5, 1])
})

test('taking values away leaves the bits of never having had them', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 2000; round++) {
    const width = [4, 60, 390][round % 3] as number
    const data = Float64Array.from(
      { length: 12 },
      () => (random.next() - 0.5) * 2 ** (random.integer(width) - width / 2),
    )
    const kept = 1 + random.integer(11)
    const moments = new ExactMoments(1)
    moments.move(0, SQUARES, data, kept, 12, 1)
    moments.move(0, SQUARES, data, 0, kept, 1)
    if (round % 2 === 0) moments.sum(0)
    moments.move(0, SQUARES, data, kept, 12, -1)
    const alone = momentsOf([...data.subarray(0, kept)])
    expect([moments.count(0), moments.sum(0), moments.spread(0)]).toEqual([kept, alone.sum(0), alone.spread(0)])
  }
})

test('a merged state answers as one state of all values', () => {
  const data = Float64Array.of(1e16, 2 ** -60, 1, -1e16, 2 ** 80, -(2 ** 80), 0.3)
  const [left, right, both] = [new ExactMoments(1), new ExactMoments(1), new ExactMoments(1)]
  left.move(0, SUMS, data, 0, 4, 1)
  right.move(0, SUMS, data, 4, 7, 1)
  both.move(0, SUMS, data, 0, 7, 1)
  left.merge(right, 0)
  expect([left.count(0), left.sum(0)]).toEqual([7, both.sum(0)])
})

test('states are apart from each other, and one can be cleared alone', () => {
  const moments = new ExactMoments(2)
  const data = Float64Array.of(2 ** 100, 1, 2 ** -100)
  moments.move(0, SQUARES, data, 0, 3, 1)
  moments.move(1, SQUARES, data, 1, 2, 1)
  moments.clearState(0)
  expect([moments.count(0), moments.sum(0), moments.count(1), moments.sum(1)]).toEqual([0, 0, 1, 1])
})
