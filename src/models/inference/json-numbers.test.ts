import { expect, test } from 'vitest'
import { JsonNumbers } from './json-numbers.ts'
import { tensorFromJson } from './tensor-json.ts'

test('numbers come back as they were taken, in any order and as one tensor', () => {
  const numbers = new JsonNumbers()
  const pieces = [[1, -0, null, 2 ** 53], [Number.POSITIVE_INFINITY, 0.1], [], [true, false, null]]
  for (const piece of pieces) expect(numbers.add(piece)).toBe(true)
  const expected = [1, -0, null, 2 ** 53, Number.POSITIVE_INFINITY, 0.1, 1, 0, null]
  expect(numbers.toArray()).toEqual(expected)
  const places = [8, 0, 3, 4, 1, 7, 2, 5, 6, 8]
  expect(places.map((place) => numbers.at(place))).toEqual(places.map((place) => expected[place]))
})

test('what is no number is not taken, nor what is beside it', () => {
  const numbers = new JsonNumbers()
  for (const other of ['1', [1], {}, 1n]) expect(numbers.add([1, other])).toBe(false)
  expect(numbers.length).toBe(0)
})

test.each(['FP32', 'INT8', 'BOOL', 'BYTES'] as const)('%s: a tensor of them is that of the same array', (datatype) => {
  for (const elements of [
    [1, 0, null],
    [2, 0.1],
    [null, null],
  ]) {
    const numbers = new JsonNumbers()
    numbers.add(elements)
    const tensorOf = (data: unknown) => {
      try {
        return tensorFromJson('x', datatype, [elements.length], data)
      } catch (thrown) {
        return String(thrown)
      }
    }
    expect(tensorOf(numbers)).toEqual(tensorOf(elements))
  }
})
