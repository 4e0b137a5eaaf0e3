import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { textCode } from '../../core/text-code.ts'
import type { VectorInput } from '../../data/features/vector.ts'
import type { EncodingDefinition } from '../../language/define/encoding-definition.ts'
import { createVectorEncoder, decodeEncoders } from '../inference/encoders.ts'
import { type FittingRows, fitEncoders } from './fit-encoders.ts'

const texts = new Map(['AA', 'DL', 'UA', 'Zürich', ''].map((text) => [textCode(text), text]))
const textOf = (code: number) => texts.get(code)
const missing = Number.NaN

function input(name: string, type: VectorInput['type'], scale?: number): VectorInput {
  const source = { kind: 'row', expression: { kind: 'column', name } } as const
  return { name, type, ...(scale === undefined ? {} : { scale }), source }
}

function rowsOf(...columns: number[][]): FittingRows {
  const rows = columns[0]!.length
  const ascending = Float64Array.from({ length: rows }, (_, row) => row)
  const taken = columns.map((column) => Float64Array.from(column))
  return { rows, columns: taken, labels: ascending, times: ascending, outcomesCount: ascending }
}

/** What some values become under an encoding that was fitted on others; null is missing. */
function encoded(
  encoding: EncodingDefinition,
  of: VectorInput,
  train: readonly number[],
  asked: readonly number[],
): (number | null)[][] {
  const plan = { inputs: [of], columns: [{ input: 0, encoding }] }
  const { encoders } = fitEncoders(plan, rowsOf([...train]), textOf)
  const reloaded = decodeEncoders(new TextEncoder().encode(JSON.stringify(encoders)))
  expect(reloaded).toEqual(encoders)
  const columns = createVectorEncoder(reloaded).encodeColumns([Float64Array.from(asked)], 0, asked.length)
  return columns.map((column) => Array.from(column, (value) => (Number.isNaN(value) ? null : value)))
}

const carriers = (...names: (string | null)[]) => names.map((name) => (name === null ? missing : textCode(name)))

test('one-hot keeps the most frequent categories in their own order; all else is 0 everywhere, and null is missing', () => {
  const train = carriers('UA', 'UA', 'AA', null, 'DL', 'DL', 'Zürich')
  const plan = {
    inputs: [input('carrier', 'string')],
    columns: [{ input: 0, encoding: { kind: 'oneHot', most: 2 } }],
  } as const
  const { encoders } = fitEncoders(plan, rowsOf(train), textOf)
  expect(createVectorEncoder(encoders).values.map(({ name }) => name)).toEqual(['carrier = DL', 'carrier = UA'])
  expect(
    encoded({ kind: 'oneHot', most: 2 }, input('carrier', 'string'), train, carriers('UA', 'DL', 'AA', 'XX', null)),
  ).toEqual([
    [0, 1, 0, 0, null],
    [1, 0, 0, 0, null],
  ])
})

test('categories for sets have their places in their own order; one that is unknown is -1, and null is missing', () => {
  const train = carriers('UA', 'AA', null, 'DL', 'DL')
  expect(encoded({ kind: 'category' }, input('carrier', 'string'), train, carriers('AA', 'UA', 'XX', null))).toEqual([
    [0, 2, -1, null],
  ])
})

test('of categories that are as frequent, those first in their order are kept', () => {
  expect(
    encoded({ kind: 'oneHot', most: 1 }, input('carrier', 'string'), carriers('UA', 'AA'), carriers('AA')),
  ).toEqual([[1]])
})

test('ordinal goes by the order given, or that of texts by code unit and of numbers by size', () => {
  const carrier = input('carrier', 'string')
  const asked = carriers('UA', 'AA', 'XX', '', null)
  expect(encoded({ kind: 'ordinal' }, carrier, carriers('UA', '', 'AA'), asked)).toEqual([[2, 1, -1, 0, null]])
  expect(encoded({ kind: 'ordinal', order: ['UA', 'AA'] }, carrier, [], asked)).toEqual([[0, 1, -1, -1, null]])
  expect(encoded({ kind: 'ordinal' }, input('gate', 'int'), [10, 9, 9], [9, 10, 11, missing])).toEqual([
    [0, 1, -1, null],
  ])
  expect(encoded({ kind: 'ordinal' }, input('late', 'bool'), [1, 0], [0, 1, missing])).toEqual([[0, 1, null]])
})

test('a decimal is encoded as the number that it is', () => {
  const fare = input('fare', 'decimal', 2)
  expect(encoded({ kind: 'ordinal', order: [9.99, 5] }, fare, [], [999, 500, 998])).toEqual([[0, 1, -1]])
  expect(encoded({ kind: 'bucket', edges: [5, 9.99] }, fare, [], [499, 500, 999, 1000])).toEqual([[0, 1, 2, 2]])
})

test('buckets count the edges at or below a value; quantiles part the rows evenly, ties in one bucket', () => {
  const miles = input('miles', 'int')
  expect(encoded({ kind: 'bucket', edges: [0, 10] }, miles, [], [-1, 0, 9, 10, missing])).toEqual([[0, 1, 1, 2, null]])
  const train = [4, 1, 3, 2, missing, 5, 6, 8, 7]
  expect(encoded({ kind: 'bucket', quantiles: 4 }, miles, train, [1, 2, 3, 4, 5, 6, 7, 8, 99])).toEqual([
    [0, 0, 1, 1, 2, 2, 3, 3, 3],
  ])
  expect(encoded({ kind: 'bucket', quantiles: 4 }, miles, [1, 1, 1, 1, 9], [0, 1, 9])).toEqual([[0, 0, 0]])
  expect(encoded({ kind: 'bucket', quantiles: 2 }, miles, [missing], [0])).toEqual([[0]])
})

test('scales go by mean and deviation, range, or quartiles, and a constant by its distance', () => {
  const miles = input('miles', 'number')
  expect(encoded({ kind: 'scale', by: 'standard' }, miles, [2, 4, missing, 4, 4, 5, 5, 7, 9], [5, 9, missing])).toEqual(
    [[0, 2, null]],
  )
  expect(encoded({ kind: 'scale', by: 'minMax' }, miles, [10, 30], [10, 20, 50])).toEqual([[0, 0.5, 2]])
  expect(encoded({ kind: 'scale', by: 'robust' }, miles, [1, 2, 3, 4, 5], [3, 5])).toEqual([[0, 1]])
  expect(encoded({ kind: 'scale', by: 'standard' }, miles, [7, 7], [7, 9])).toEqual([[0, 2]])
  expect(encoded({ kind: 'scale', by: 'robust' }, miles, [missing], [3])).toEqual([[3]])
})

/** The target encoding of a row as its text says, looking at all rows for each. */
function targetInTime(smoothing: number, train: FittingRows, row: number): number | null {
  const seen = [...train.labels.keys()].filter((other) => train.outcomesCount[other]! < train.times[row]!)
  const category = train.columns[0]![row]!
  if (Number.isNaN(category) || seen.length === 0) return null
  const mean = (rows: readonly number[]) => rows.reduce((sum, other) => sum + train.labels[other]!, 0)
  const prior = mean(seen) / seen.length
  const own = seen.filter((other) => train.columns[0]![other] === category)
  return own.length === 0 ? prior : (mean(own) + smoothing * prior) / (own.length + smoothing)
}

test('a target encoding sees outcomes that count before t and no others, and serves with all of them', () => {
  const random = seededRandom(5)
  const names = ['AA', 'DL', 'UA', 'Zürich'].map(textCode)
  for (let round = 0; round < 40; round += 1) {
    const rows = 1 + Math.floor(random.next() * 60)
    const times = Float64Array.from({ length: rows }, () => Math.floor(random.next() * 30)).sort()
    const train: FittingRows = {
      rows,
      columns: [
        Float64Array.from(times, () => (random.next() < 0.1 ? missing : names[Math.floor(random.next() * 4)]!)),
      ],
      labels: Float64Array.from(times, () => Number(random.next() < 0.4)),
      times,
      outcomesCount: times.map((time) => time + Math.floor(random.next() * 12)),
    }
    const smoothing = [0, 1, 20][round % 3]!
    const encoding = { kind: 'target', smoothing } as const
    const plan = { inputs: [input('carrier', 'string')], columns: [{ input: 0, encoding }] }
    const { encoders, inTime } = fitEncoders(plan, train, textOf)
    const values = Array.from(inTime.get(0)!, (value) => (Number.isNaN(value) ? null : value))
    expect(values).toEqual(values.map((_, row) => targetInTime(smoothing, train, row)))
    const late: FittingRows = {
      rows: rows + 1,
      columns: [Float64Array.of(...train.columns[0]!, names[0]!)],
      labels: Float64Array.of(...train.labels, 0),
      times: Float64Array.of(...times, 1000),
      outcomesCount: Float64Array.of(...train.outcomesCount, 2000),
    }
    const served = createVectorEncoder(encoders).encodeColumns([late.columns[0]!], rows, rows + 1)[0]![0]!
    expect(served).toBe(Math.fround(targetInTime(smoothing, late, rows)!))
  }
})

test('an outcome of a row of its own time, or of later, changes no value of the row', () => {
  const train = rowsOf(carriers('AA', 'AA', 'AA'))
  const counted = { ...train, outcomesCount: Float64Array.of(1, 2, 3), labels: Float64Array.of(1, 1, 1) }
  const plan = {
    inputs: [input('carrier', 'string')],
    columns: [{ input: 0, encoding: { kind: 'target', smoothing: 0 } }],
  } as const
  expect([...fitEncoders(plan, counted, textOf).inTime.get(0)!]).toEqual([missing, missing, 1])
})

test('of several classes a target encoding has a column for each: the share of rows of that class, in the order of time', () => {
  const random = seededRandom(6)
  const [rows, classes] = [80, ['late', 'damaged', 'fine']]
  const times = Float64Array.from({ length: rows }, () => Math.floor(random.next() * 30)).sort()
  const names = carriers('AA', 'DL', 'UA', null)
  const train: FittingRows = {
    ...{ rows, times, labels: times.map(() => random.integer(3)) },
    columns: [times.map(() => names[random.integer(4)]!), times.map(() => random.integer(9))],
    outcomesCount: times.map((time) => time + random.integer(12)),
  }
  const plan = {
    inputs: [input('carrier', 'string'), input('miles', 'int')],
    columns: [{ input: 0, encoding: { kind: 'target', smoothing: 3 } }, { input: 1 }],
  } as const
  const { encoders, inTime } = fitEncoders(plan, train, textOf, classes)
  const encoder = createVectorEncoder(decodeEncoders(new TextEncoder().encode(JSON.stringify(encoders))))
  const [late, ...others] = encoder.values.map(({ name, input: of }) => `${name}, ${of}`)
  expect(late).toBe('target(carrier) = late, 0')
  expect(others).toEqual(['target(carrier) = damaged, 0', 'target(carrier) = fine, 0', 'miles, 1'])
  for (const place of [0, 1, 2]) {
    const ofOne = { ...train, labels: train.labels.map((label) => Number(label === place)) }
    const values = Array.from(inTime.get(place)!, (value) => (Number.isNaN(value) ? null : value))
    expect(values).toEqual(values.map((_, row) => targetInTime(3, ofOne, row)))
    const alone = fitEncoders({ ...plan, columns: plan.columns.slice(0, 1) }, ofOne, textOf).encoders.columns![0]!
    expect(encoders.columns![place]).toEqual({ input: 0, encoder: { ...alone.encoder, class: classes[place] } })
  }
  expect(inTime.size).toBe(3)
})

test('an unknown category is the mean of all outcomes', () => {
  const train = { ...rowsOf(carriers('AA', 'AA', 'DL', null)), labels: Float64Array.of(1, 1, 0, 0) }
  const plan = {
    inputs: [input('carrier', 'string')],
    columns: [{ input: 0, encoding: { kind: 'target', smoothing: 2 } }],
  } as const
  const { encoders } = fitEncoders(plan, train, textOf)
  expect(encoders.columns).toEqual([
    { input: 0, encoder: { kind: 'target', categories: ['AA', 'DL'], values: [0.75, 1 / 3], unknown: 0.5 } },
  ])
})

test('a model without encodings has none, and takes its vector as it is', () => {
  const plan = { inputs: [input('miles', 'int')], columns: [{ input: 0 }] }
  expect(fitEncoders(plan, rowsOf([1, 2]), textOf).encoders).toEqual({ inputs: [{ name: 'miles', type: 'int' }] })
})
