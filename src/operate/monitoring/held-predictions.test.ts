import { expect, test } from 'vitest'
import { HeldPredictions } from './held-predictions.ts'

/** Texts of all lengths, some of them of several bytes a character and longer than a segment's first bytes. */
const keyOf = (index: number): string => `s${index % 97 === 0 ? 'é\u{1f6eb}'.repeat(index) : 'k'.repeat(index % 50)}`
const idOf = (index: number): string => (index % 5 === 0 ? '' : `p${index.toString(36)}-${index}`)

test('predictions are given back as they were added, over any number of segments', () => {
  const held = new HeldPredictions()
  for (let index = 0; index < 9000; index += 1) held.add(keyOf(index), idOf(index), -index / 3, [index * 2 ** 30])
  expect(held.length).toBe(9000)
  const rows = Array.from({ length: 9000 }, (_, index) => index)
  expect(rows.map((row) => held.key(row))).toEqual(rows.map(keyOf))
  expect(rows.map((row) => held.id(row))).toEqual(rows.map(idOf))
  expect(rows.map((row) => [held.t(row), ...held.scores(row)])).toEqual(rows.map((row) => [-row / 3, row * 2 ** 30]))
  const kept = held.filter((key) => key.length % 3 === 0)
  const expected = rows.filter((row) => keyOf(row).length % 3 === 0)
  expect(Array.from({ length: kept.length }, (_, row) => kept.id(row))).toEqual(expected.map(idOf))
})

test('several scores of a prediction stay together', () => {
  const held = new HeldPredictions(3)
  const scores = (index: number): number[] => [index, index / 3, -index]
  for (let index = 0; index < 5000; index += 1) held.add(keyOf(index), idOf(index), index, scores(index))
  const kept = held.filter((key) => key.length % 3 === 0)
  const expected = Array.from({ length: 5000 }, (_, index) => index).filter((row) => keyOf(row).length % 3 === 0)
  expect(kept.length).toBeGreaterThan(1000)
  expect(expected.map((_, row) => [...kept.scores(row)])).toEqual(expected.map(scores))
})
