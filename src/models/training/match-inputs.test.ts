import { expect, test } from 'vitest'
import type { Category } from '../../language/define/encoding-definition.ts'
import { createVectorEncoder, type Encoders } from '../inference/encoders.ts'
import { matchInputs as match } from './match-inputs.ts'

const plain: Encoders = {
  inputs: [
    { name: 'amount', type: 'number' },
    { name: 'price', type: 'decimal', scale: 2 },
    { name: 'hour', type: 'int' },
  ],
}
const encoded: Encoders = {
  inputs: [
    { name: 'carrier', type: 'string' },
    { name: 'delay', type: 'number' },
  ],
  columns: [
    { input: 0, encoder: { kind: 'oneHot', categories: ['AA', 'UA'] } },
    { input: 1, encoder: { kind: 'bucket', edges: [10, 20] } },
  ],
}
const named = (inputNames: readonly string[]) => ({ inputNames, categories: new Map() })

const matchInputs = (...given: Parameters<typeof match>): Encoders => match(...given).encoders

/** What a vector becomes for the model of the file. */
function taken(encoders: Encoders, vector: readonly number[]): number[] {
  const encoder = createVectorEncoder(encoders)
  const into = new Float64Array(encoder.values.length)
  encoder.encode(Float64Array.from(vector), 0, into)
  return [...into]
}

test('inputs are found by name in any order, some or all, and a decimal is the number that it is', () => {
  expect(taken(matchInputs(named(['hour', 'price']), 2, plain, false), [7, 1234, 5])).toEqual([5, 12.34])
  expect(matchInputs(named(['amount', 'hour']), 2, { inputs: [plain.inputs[0]!, plain.inputs[2]!] }, false)).toEqual({
    inputs: [plain.inputs[0], plain.inputs[2]],
  })
})

test('what encodings make of an input has a name of its own, each category of a one-hot encoding, too', () => {
  const encoders = matchInputs(named(['delay', 'carrier = UA', 'bucket(delay)']), 3, encoded, false)
  expect(taken(encoders, [Number.NaN, 15])).toEqual([15, Number.NaN, 1])
  expect(encoders.columns?.[1]).toEqual({ input: 0, encoder: { kind: 'oneHot', categories: ['UA'] } })
})

test('blanks of names may be _, as LightGBM writes them, where that can only be one input', () => {
  expect(matchInputs(named(['carrier_=_UA', 'delay']), 2, encoded, false)).toEqual(
    matchInputs(named(['carrier = UA', 'delay']), 2, encoded, false),
  )
  const alike: Encoders = {
    inputs: ['a b', 'a_b', 'c d', 'c\td'].map((name) => ({ name, type: 'number' })),
  }
  expect(taken(matchInputs(named(['a_b', 'a b']), 2, alike, false), [1, 2, 3, 4])).toEqual([2, 1])
  expect(() => matchInputs(named(['c_d']), 1, alike, false)).toThrow("no input 'c_d'. Did you mean 'c d'?")
})

test('all but letters and digits may be _, as skl2onnx writes them, where that can only be one input', () => {
  const inputs = ['orders.mean_3d', 'orders.mean 3d', 'orders.spent', '3d.mean', 'größe'].map((name) => ({
    name,
    type: 'number' as const,
  }))
  const { matched } = match(named(['_3d_mean', 'orders_spent', 'größe']), 3, { inputs }, false)
  expect(matched).toEqual([
    { written: '_3d_mean', input: '3d.mean' },
    { written: 'orders_spent', input: 'orders.spent' },
    { written: 'größe', input: 'größe' },
  ])
  expect(() => match(named(['orders_mean_3d']), 1, { inputs }, false)).toThrow("no input 'orders_mean_3d'")
  const ordered = { inputs: inputs.slice(2, 4) }
  expect(() => match(named(['_3d_mean', 'orders_spent']), 2, ordered, true)).toThrow('in another order')
  expect(match({ inputNames: undefined, categories: new Map() }, 2, ordered, true).matched).toEqual([
    { input: 'orders.spent' },
    { input: '3d.mean' },
  ])
})

test('by order, inputs are what a version that is trained here takes, whatever they are called', () => {
  const encoders = matchInputs({ inputNames: ['f0', 'f1', 'f2'], categories: new Map() }, 3, encoded, true)
  expect(taken(encoders, [0, 30])).toEqual([0, 0, 2])
  expect(() => matchInputs({ inputNames: undefined, categories: new Map() }, 2, encoded, true)).toThrow(
    'The file takes 2 inputs, and a version that is trained here 3.',
  )
  expect(() => matchInputs(named(['carrier_=_UA', 'carrier_=_AA', 'bucket(delay)']), 3, encoded, true)).toThrow(
    "in another order: 'carrier_=_UA' is where 'carrier = AA' would be taken.",
  )
  const same = named(['carrier_=_AA', 'carrier_=_UA', 'bucket(delay)'])
  expect(matchInputs(same, 3, encoded, true)).toEqual(matchInputs(same, 3, encoded, false))
})

test('categories that the file lists are taken by their places, others by none', () => {
  const encoders = matchInputs(
    { inputNames: ['delay', 'carrier'], categories: new Map([[1, ['UA', 'AA']]]) },
    2,
    { inputs: encoded.inputs },
    false,
  )
  expect(encoders.columns?.[1]).toEqual({ input: 0, encoder: { kind: 'ordinal', categories: ['UA', 'AA'] } })
})

test('categories of another type than the input are refused: no value would be one of them', () => {
  const file = (name: string, categories: readonly Category[]) => () =>
    matchInputs({ inputNames: [name], categories: new Map([[0, categories]]) }, 1, { inputs: encoded.inputs }, false)
  expect(file('delay', ['1', '2'])).toThrow(
    "The file lists texts as the categories of 'delay', and it is a number here.",
  )
  expect(file('carrier', [1, 2])).toThrow(
    "The file lists numbers as the categories of 'carrier', and it is a text here.",
  )
  expect(file('delay', [1, 2])).not.toThrow()
})

test.each([
  [undefined, 'numbers its 1 inputs'],
  [['amuont'], "no input 'amuont'. Did you mean 'amount'?"],
  [['zq', 'zr', 'zs', 'zt', 'zu', 'zv'], 'and 1 more'],
])('inputs %j that the model does not have are refused by name', (inputNames, saying) => {
  const refused = () => matchInputs({ inputNames, categories: new Map() }, inputNames?.length ?? 1, plain, false)
  expect(refused).toThrow(
    expect.objectContaining({ code: 'inputs_unmatched', message: expect.stringContaining(saying) }),
  )
})

test('a text that the file takes as a number is refused', () => {
  expect(() => matchInputs(named(['carrier']), 1, encoded, false)).toThrow("takes 'carrier' as a number")
})
