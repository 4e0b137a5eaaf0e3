import { expect, test } from 'vitest'
import { textCode } from '../../core/text-code.ts'
import { createVectorEncoder, createVectorScorer, decodeEncoders, type Encoders } from './encoders.ts'
import { createLinearScorer } from './linear-model.ts'
import type { Scorer } from './scorer.ts'

const encoders: Encoders = {
  inputs: [
    { name: 'carrier', type: 'string' },
    { name: 'miles', type: 'int' },
    { name: 'late', type: 'bool' },
  ],
  columns: [
    { input: 1 },
    { input: 0, encoder: { kind: 'oneHot', categories: ['AA', 'DL'] } },
    { input: 0, encoder: { kind: 'target', categories: ['DL'], values: [0.25], unknown: 0.5 } },
    { input: 2, encoder: { kind: 'ordinal', categories: [true] } },
    { input: 1, encoder: { kind: 'scale', center: 100, spread: 50 } },
  ],
}
const names = ['miles', 'carrier = AA', 'carrier = DL', 'target(carrier)', 'ordinal(late)', 'scale(miles)']
const vectors = [
  [textCode('DL'), 200, 1],
  [textCode('XX'), 50, 0],
  [Number.NaN, Number.NaN, Number.NaN],
]
const encoded = [[200, 0, 1, 0.25, 0, 2], [50, 0, 0, 0.5, -1, -1], names.map(() => Number.NaN)]

/** A scorer that adds the values of a row, and takes those that are missing as 0. */
function sumOf(featureNames: readonly string[]): Scorer {
  const size = featureNames.length
  return createLinearScorer({
    ...{ featureNames, transform: { kind: 'identity' }, intercepts: new Float64Array(1) },
    ...{ weights: new Float64Array(size).fill(1), missingAs: new Float64Array(size) },
  })
}

test('vectors are encoded alike one by one, in columns, and before a score', () => {
  const encoder = createVectorEncoder(encoders)
  expect(encoder.values.map(({ name }) => name)).toEqual(names)
  expect(encoder.values.map(({ input }) => input)).toEqual([1, 0, 0, 0, 2, 1])
  const flat = Float64Array.from(vectors.flat())
  const one = new Float64Array(names.length)
  for (const [row, expected] of encoded.entries()) {
    encoder.encode(flat, row * 3, one)
    expect([...one]).toEqual(expected)
  }
  const columns = [0, 1, 2].map((input) => Float64Array.from(vectors, (vector) => vector[input]!))
  expect(encoder.encodeColumns(columns, 1, 3).map((column) => [...column])).toEqual(
    names.map((_, place) => encoded.slice(1).map((row) => row[place])),
  )
  const scorer = createVectorScorer(encoders, sumOf(names))
  expect(scorer.inputs).toBe(3)
  const sums = [200 + 0 + 1 + 0.25 + 0 + 2, 50 + 0 + 0 + 0.5 - 1 - 1, 0]
  expect([0, 3, 6].map((offset) => scorer.scoreRow(flat, offset))).toEqual(sums)
  expect([...scorer.scoreColumns(columns, 3)]).toEqual(sums)
})

test('a model without encodings is scored as it is', () => {
  const scorer = sumOf(['carrier', 'miles', 'late'])
  expect(createVectorScorer({ inputs: encoders.inputs }, scorer)).toBe(scorer)
  expect(createVectorEncoder({ inputs: encoders.inputs }).values.map(({ name }) => name)).toEqual([
    'carrier',
    'miles',
    'late',
  ])
})

test('encoders that are damaged are refused', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(decodeEncoders(bytes(JSON.stringify(encoders)))).toEqual(encoders)
  for (const wrong of [bytes(''), bytes('{}'), bytes('null'), Uint8Array.of(0xff)])
    expect(() => decodeEncoders(wrong)).toThrow(expect.objectContaining({ code: 'artifact_corrupt' }))
  expect(() => createVectorEncoder({ inputs: [], columns: [{ input: 0 }] })).toThrow(
    expect.objectContaining({ code: 'artifact_corrupt' }),
  )
})
