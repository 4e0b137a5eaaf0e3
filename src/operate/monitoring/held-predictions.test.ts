import { expect, test } from 'vitest'
import { HeldPredictions } from './held-predictions.ts'

/** Texts of all lengths, some of them of several bytes a character and longer than a segment's first bytes. */
const keyOf = (index: number): string => `s${index % 97 === 0 ? 'é\u{1f6eb}'.repeat(index) : 'k'.repeat(index % 50)}`
const idOf = (index: number): string => (index % 5 === 0 ? '' : `p${index.toString(36)}-${index}`)

test('predictions are given back as they were added, over any number of segments', () => {
  const held = new HeldPredictions()
  for (let index = 0; index < 9000; index += 1) held.add(keyOf(index), ~index, idOf(index), -index / 3, index * 2 ** 30)
  const rows = Array.from({ length: 9000 }, (_, index) => index)
  expectRows(held, rows)
  const third = rows.filter((row) => row % 3 === 1)
  const taken = new HeldPredictions()
  for (const row of third) taken.addFrom(held, row)
  expectRows(taken, third)
})

function expectRows(held: HeldPredictions, expected: readonly number[]): void {
  const rows = expected.map((_, row) => row)
  expect(held.length).toBe(expected.length)
  expect(rows.map((row) => held.key(row))).toEqual(expected.map(keyOf))
  expect(rows.map((row) => held.id(row))).toEqual(expected.map(idOf))
  expect(rows.map((row) => held.hash(row))).toEqual(expected.map((index) => ~index >>> 0))
  expect(rows.map((row) => [held.t(row), held.score(row)])).toEqual(
    expected.map((index) => [-index / 3, index * 2 ** 30]),
  )
}

test('several scores of a prediction stay together', () => {
  const held = new HeldPredictions(3)
  const scores = (index: number): number[] => [index, index / 3, -index]
  for (let index = 0; index < 5000; index += 1)
    held.add(keyOf(index), ~index, idOf(index), index, Number.NaN, Float64Array.from(scores(index)))
  const taken = new HeldPredictions(3)
  for (let index = 1; index < 5000; index += 2) taken.addFrom(held, index)
  const odd = Array.from({ length: 2500 }, (_, row) => 2 * row + 1)
  expect(odd.map((_, row) => [...taken.scores(row)])).toEqual(odd.map(scores))
  expect(odd.map((index) => [...held.scores(index)])).toEqual(odd.map(scores))
})
