import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { auc, resampledAuc } from './auc.ts'

/** The definition: all pairs. */
function aucByPairs(labels: Uint8Array, scores: Float64Array): number {
  let won = 0
  let pairs = 0
  for (let positive = 0; positive < labels.length; positive++) {
    if (labels[positive] !== 1) continue
    for (let negative = 0; negative < labels.length; negative++) {
      if (labels[negative] !== 0) continue
      pairs++
      if (scores[positive]! > scores[negative]!) won++
      else if (scores[positive] === scores[negative]) won += 0.5
    }
  }
  return won / pairs
}

test('the example of the scikit-learn manual', () => {
  expect(auc(Uint8Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8))).toBe(0.75)
})

test('perfect, reversed and tied scores', () => {
  const labels = Uint8Array.of(0, 0, 1, 1)
  expect(auc(labels, Float64Array.of(1, 2, 3, 4))).toBe(1)
  expect(auc(labels, Float64Array.of(4, 3, 2, 1))).toBe(0)
  expect(auc(labels, Float64Array.of(5, 5, 5, 5))).toBe(0.5)
})

test('it is undefined when a class is missing', () => {
  expect(auc(Uint8Array.of(1, 1), Float64Array.of(0.1, 0.2))).toBeUndefined()
  expect(auc(new Uint8Array(0), new Float64Array(0))).toBeUndefined()
})

test('it equals the share of won pairs on random scores with many ties', () => {
  const random = seededRandom(3)
  for (let round = 0; round < 30; round++) {
    const labels = Uint8Array.from({ length: 200 }, () => random.integer(2))
    const scores = Float64Array.from({ length: 200 }, () => random.integer(round + 2) / 7)
    expect(auc(labels, scores)).toBeCloseTo(aucByPairs(labels, scores), 12)
  }
})

test('weights count a row as often as they say', () => {
  const labels = Uint8Array.of(0, 1, 0, 1, 1)
  const scores = Float64Array.of(0.2, 0.2, 0.5, 0.4, 0.9)
  const repeated = [0, 0, 1, 2, 4, 4, 4]
  const expected = auc(
    Uint8Array.from(repeated, (row) => labels[row]!),
    Float64Array.from(repeated, (row) => scores[row]!),
  )
  expect(resampledAuc(labels, scores)(Uint8Array.of(2, 1, 1, 0, 3))).toBe(expected)
})

test('columns that do not fit are refused', () => {
  expect(() => auc(Uint8Array.of(0, 1), Float64Array.of(0.5))).toThrow(/2 labels do not fit 1 predictions/)
  expect(() => auc(Uint8Array.of(0, 2), Float64Array.of(0.5, 0.6))).toThrow(/Label 1 is 2/)
  expect(() => auc(Uint8Array.of(0, 1), Float64Array.of(0.5, Number.NaN))).toThrow(/prediction of row 1 is NaN/)
})

test('resamples of many rows, tied in part, have the bits of the definition however a row counts', () => {
  const random = seededRandom(8)
  const rows = 1500
  const labels = Uint8Array.from({ length: rows }, () => Number(random.integer(5) === 0))
  // Runs without equal scores that are longer than one part, groups of equal ones, and both side by side.
  const scores = Float64Array.from({ length: rows }, (_, row) => (row < 900 ? random.next() : random.integer(40) / 40))
  const metric = resampledAuc(labels, scores)
  expect(metric()).toBeCloseTo(aucByPairs(labels, scores), 12)
  for (const most of [3, 256]) {
    const counts = Uint8Array.from({ length: rows }, () => random.integer(most))
    const value = metric(counts)!
    expect(metric(Float64Array.from(counts))).toBe(value)
    let [won, pairs] = [0, 0]
    for (let positive = 0; positive < rows; positive++)
      for (let negative = 0; negative < rows && labels[positive] === 1; negative++) {
        if (labels[negative] === 1) continue
        const count = counts[positive]! * counts[negative]!
        pairs += count
        won += scores[positive]! > scores[negative]! ? count : scores[positive] === scores[negative] ? count / 2 : 0
      }
    expect(value).toBe(won / pairs)
  }
})
