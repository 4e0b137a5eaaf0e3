import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { bytesPerElement, type Datatype, elementsOf, type Tensor } from './tensor.ts'
import { bytesOfTensor, TensorRoom, tensorFromBytes } from './tensor-bytes.ts'
import { numbersInTensor, numbersOfTensor, textsOfTensor } from './tensor-columns.ts'
import { jsonOfTensor, tensorFromJson } from './tensor-json.ts'

const whole = (least: bigint, most: bigint) => fc.bigInt({ min: least, max: most })
const small = (least: number, most: number) => fc.integer({ min: least, max: most })
const text = fc.string({ unit: 'grapheme', maxLength: 8 })

/** Elements of each datatype as JSON has them. */
const elements: Readonly<Record<Datatype, fc.Arbitrary<unknown>>> = {
  BOOL: fc.boolean(),
  UINT8: small(0, 255),
  UINT16: small(0, 65_535),
  UINT32: small(0, 2 ** 32 - 1),
  UINT64: whole(0n, 2n ** 64n - 1n),
  INT8: small(-128, 127),
  INT16: small(-32_768, 32_767),
  INT32: small(-(2 ** 31), 2 ** 31 - 1),
  INT64: whole(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: small(-2048, 2048),
  BF16: small(-256, 256),
  FP32: fc.float({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  FP64: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
  BYTES: text,
}
const datatypes = Object.keys(elements) as Datatype[]

function room(bytes: Uint8Array): TensorRoom {
  return new TensorRoom(bytes.length, 1)
}

test.each(datatypes)('%s: data in JSON, typed and raw are the same elements', (datatype) => {
  fc.assert(
    fc.property(fc.array(elements[datatype], { maxLength: 12 }), (data) => {
      const shape = [data.length]
      const tensor = tensorFromJson('x', datatype, shape, data)
      const again = tensorFromBytes('x', datatype, shape, bytesOfTensor(tensor), room(bytesOfTensor(tensor)))
      expect(bytesOfTensor(again)).toEqual(bytesOfTensor(tensor))
      const said = data.map((value) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value)))
      expect(jsonOfTensor(again)).toBe(`[${said.join(',')}]`)
    }),
    { numRuns: 40, seed: 5 },
  )
})

test('several tensors share a room, and none another one’s bytes', () => {
  const tensors = (['INT8', 'FP64', 'BOOL', 'INT64', 'FP32'] as const).map((datatype, index) =>
    tensorFromJson('x', datatype, [3], datatype === 'BOOL' ? [1, 0, 1] : [index, index + 1, index + 2]),
  )
  const raw = tensors.map(bytesOfTensor)
  const shared = new TensorRoom(
    raw.reduce((sum, { length }) => sum + length, 0),
    raw.length,
  )
  const read = tensors.map(({ datatype, shape }, index) => tensorFromBytes('x', datatype, shape, raw[index]!, shared))
  expect(read.map(jsonOfTensor)).toEqual(tensors.map(jsonOfTensor))
})

test('nested data are row-major, and only nested as the shape says', () => {
  const nested = [
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ]
  expect(jsonOfTensor(tensorFromJson('x', 'INT32', [2, 2, 2], nested))).toBe('[1,2,3,4,5,6,7,8]')
  for (const [shape, data] of [
    [
      [2, 2],
      [[1, 2], [3]],
    ],
    [
      [2, 2],
      [[1, 2], 3, 4],
    ],
    [[2, 2], [[1, 2, 3, 4]]],
    [[2], [[1], [2]]],
    [
      [2, 2, 2],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ],
  ] as const)
    expect(() => tensorFromJson('x', 'INT32', shape, data)).toThrow(TruelineError)
})

test.each([
  ['INT64', [1.5]],
  ['INT64', [2 ** 60]],
  ['UINT64', [-1]],
  ['UINT64', [2n ** 64n]],
  ['UINT8', [256]],
  ['FP16', [65_520]],
  ['BF16', [3.4e38]],
  ['FP32', [1e39]],
  ['FP64', [Number.POSITIVE_INFINITY]],
  ['FP64', ['1']],
  ['BOOL', [2]],
  ['BYTES', [1]],
  ['BYTES', ['\ud800']],
] as const)('%s takes no other elements, case %#', (datatype, data) => {
  expect(() => tensorFromJson('x', datatype, [1], data)).toThrow(/^x\[0\] is no /)
})

test.each(datatypes.filter((datatype) => datatype !== 'BYTES'))(
  '%s: raw bytes of another length are refused',
  (datatype) => {
    const size = bytesPerElement(datatype as Exclude<Datatype, 'BYTES'>)
    for (const length of [0, size - 1, 2 * size - 1, 2 * size + 1])
      expect(() => tensorFromBytes('x', datatype, [2], new Uint8Array(length), new TensorRoom(length, 1))).toThrow(
        /^x has \d+ bytes where /,
      )
  },
)

test('bools of other bytes, and texts that are cut short or run over, are refused', () => {
  const refused = (datatype: Datatype, shape: number[], bytes: number[]) =>
    expect(() => tensorFromBytes('x', datatype, shape, Uint8Array.from(bytes), new TensorRoom(64, 1))).toThrow(
      TruelineError,
    )
  refused('BOOL', [1], [2])
  refused('BYTES', [1], [])
  refused('BYTES', [1], [2, 0, 0, 0, 65])
  refused('BYTES', [1], [255, 255, 255, 255, 65])
  refused('BYTES', [1], [1, 0, 0, 0, 65, 66])
  refused('BYTES', [2], [4, 0, 0, 0, 65, 66, 67, 68])
  refused('BYTES', [2 ** 31], [])
})

test('a shape is of whole numbers whose product can be carried', () => {
  expect(elementsOf([3, 0, 2], 'x')).toBe(0)
  expect(elementsOf([], 'x')).toBe(1)
  for (const shape of [undefined, 3, [-1], [1.5], ['2'], [2 ** 32, 2 ** 32], [0, 2 ** 53], [2 ** 31 + 1], [Number.NaN]])
    expect(() => elementsOf(shape, 'x')).toThrow(TruelineError)
})

test('numbers of any datatype are doubles, and those that none holds are refused', () => {
  const column = (datatype: Datatype, data: unknown[]) => {
    const tensor = tensorFromJson('x', datatype, [data.length], data)
    const numbers = [...numbersOfTensor(tensor)]
    expect([...numbersInTensor(tensor)]).toEqual(numbers)
    return numbers
  }
  expect(column('FP16', [0.5, null])).toEqual([0.5, Number.NaN])
  expect(column('INT64', [2 ** 53 - 1, null, -3])).toEqual([2 ** 53 - 1, Number.NaN, -3])
  expect(column('BOOL', [true, null, false])).toEqual([1, Number.NaN, 0])
  expect(column('FP32', [0.1, null])).toEqual([Math.fround(0.1), Number.NaN])
  expect(() => column('UINT64', [2n ** 60n])).toThrow(/double/)
  const infinite: Tensor = { name: 'x', datatype: 'FP64', shape: [1], data: Float64Array.of(Number.NEGATIVE_INFINITY) }
  for (const read of [numbersOfTensor, numbersInTensor]) expect(() => read(infinite)).toThrow(/double/)
  expect(() => column('BYTES', ['1'])).toThrow(/takes numbers/)
})

test('texts are texts, null where one is missing', () => {
  expect(textsOfTensor(tensorFromJson('x', 'BYTES', [3], ['é', null, '']))).toEqual(['é', null, ''])
  expect(() => textsOfTensor(tensorFromJson('x', 'INT8', [1], [1]))).toThrow(/takes texts/)
  const broken: Tensor = { name: 'x', datatype: 'BYTES', shape: [1], data: [Uint8Array.of(0xff)] }
  expect(() => textsOfTensor(broken)).toThrow(/no text/)
  expect(() => jsonOfTensor(broken)).toThrow(/no text/)
})
