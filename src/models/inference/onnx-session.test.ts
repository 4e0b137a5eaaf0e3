import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TruelineError } from '../../core/errors.ts'
import { elementTypes, graphNode, identityGraph, onnxModel, sumGraph, valueInfo } from './onnx-graphs.fixture.ts'
import { openOnnxSession } from './onnx-session.ts'
import { bytesField, join, numberField } from './protobuf.ts'
import { bytesPerElement, type Datatype, dataOver, type FixedDatatype, type Tensor } from './tensor.ts'

const datatypes = Object.keys(elementTypes) as Datatype[]

/** Elements of any bits, at an address that is no multiple of eight of them. */
function tensorWith(name: string, datatype: Datatype, shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  if (datatype === 'BYTES')
    return {
      name,
      datatype,
      shape,
      data: Array.from({ length: count }, (_, i) => new TextEncoder().encode(`é${seed}${i}`)),
    }
  const size = bytesPerElement(datatype)
  const bytes = new Uint8Array((count + 1) * size)
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = datatype === 'BOOL' ? (seed + i) & 1 : (seed * 7 + i * 89) & 255
  return { name, datatype, shape, data: dataOver(datatype as FixedDatatype, bytes.buffer, size, count) } as Tensor
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof TruelineError) return thrown.code
    throw thrown
  }
  return 'none'
}

test('tensors of every datatype come back with the bits and shapes that they went with', () => {
  const session = openOnnxSession(identityGraph())
  expect(session.inputs).toEqual(datatypes.map((datatype) => ({ name: `in ${datatype}`, datatype, shape: [-1, 2] })))
  for (const rows of [0, 1, 3]) {
    const given = datatypes.map((datatype, seed) => tensorWith(`in ${datatype}`, datatype, [rows, 2], seed))
    const wanted = datatypes.map((datatype) => `out ${datatype}`).reverse()
    const results = session.run(given, wanted)
    expect(results.map(({ name }) => name)).toEqual(wanted)
    for (const [index, result] of results.toReversed().entries())
      expect(result).toEqual({ ...given[index]!, name: `out ${datatypes[index]}` })
  }
  session.close()
})

test('a graph without dimensions is run', () => {
  const scalar = (name: string) => valueInfo(name, elementTypes.FP64, [])
  const session = openOnnxSession(
    onnxModel({ nodes: [graphNode('Neg', ['x'], ['y'])], inputs: [scalar('x')], outputs: [scalar('y')] }),
  )
  const given: Tensor = { name: 'x', datatype: 'FP64', shape: [], data: Float64Array.of(0.1) }
  expect(session.run([given], ['y'])).toEqual([{ ...given, name: 'y', data: Float64Array.of(-0.1) }])
  session.close()
})

test('shapes that do not fit each other are refused by code, and the graph goes on', () => {
  const session = openOnnxSession(sumGraph())
  const vector = (name: string, length: number): Tensor => {
    return { name, datatype: 'FP32', shape: [length], data: Float32Array.from({ length }, (_, i) => i / 3) }
  }
  fc.assert(
    fc.property(fc.nat(70), fc.nat(70), (a, b) => {
      const run = () => session.run([vector('a', a), vector('b', b)], ['sum'])
      if (a !== b && a !== 1 && b !== 1) expect(codeOf(run)).toBe('inference_failed')
      else {
        const [sum] = run()
        const length = a === 1 ? b : a
        expect(sum!.shape).toEqual([length])
        expect(Array.from(sum!.data as Float32Array)).toEqual(
          Array.from({ length }, (_, i) =>
            Math.fround(Math.fround((a === 1 ? 0 : i) / 3) + Math.fround((b === 1 ? 0 : i) / 3)),
          ),
        )
      }
    }),
    { seed: 2616, numRuns: 200 },
  )
  session.close()
})

test('a text that would come out as another one is refused', () => {
  const spec = (name: string) => valueInfo(name, elementTypes.BYTES, ['n'])
  const session = openOnnxSession(
    onnxModel({ nodes: [graphNode('Identity', ['x'], ['y'])], inputs: [spec('x')], outputs: [spec('y')] }),
  )
  for (const bytes of [Uint8Array.of(97, 0, 98), Uint8Array.of(0xff)])
    expect(codeOf(() => session.run([{ name: 'x', datatype: 'BYTES', shape: [1], data: [bytes] }], ['y']))).toBe(
      'invalid_request',
    )
  session.close()
})

test('what is no graph, or has tensors that nobody can send, is refused', () => {
  const refused = (bytes: Uint8Array) => expect(codeOf(() => openOnnxSession(bytes))).toBe('unsupported_model')
  const whole = identityGraph()
  refused(new Uint8Array(0))
  refused(new TextEncoder().encode('no graph'))
  refused(whole.subarray(0, whole.length - 40))
  const brain = (name: string) => valueInfo(name, 16, ['n'])
  refused(onnxModel({ nodes: [graphNode('Identity', ['x'], ['y'])], inputs: [brain('x')], outputs: [brain('y')] }))
  refused(onnxModel({ nodes: [graphNode('Nonsense', ['x'], ['y'])], inputs: [valueInfo('x', 1, [1])], outputs: [] }))
})

test('weights in another file are refused, wherever in the model they are named', () => {
  const entry = join([bytesField(1, 'location'), bytesField(2, '../../etc/passwd')])
  const outside = join([
    numberField(1, 2),
    numberField(2, 1),
    bytesField(8, 'w'),
    bytesField(13, entry),
    numberField(14, 1),
  ])
  const spec = valueInfo('y', elementTypes.FP32, [2])
  const constant = join([
    graphNode('Constant', [], ['y']),
    bytesField(5, [bytesField(1, 'value'), bytesField(5, outside), numberField(20, 4)]),
  ])
  const inner = bytesField(5, [bytesField(1, 'body'), bytesField(6, [bytesField(1, constant)]), numberField(20, 5)])
  for (const model of [
    onnxModel({ nodes: [graphNode('Identity', ['w'], ['y'])], inputs: [], outputs: [spec], initializers: [outside] }),
    onnxModel({ nodes: [constant], inputs: [], outputs: [spec] }),
    onnxModel({ nodes: [join([graphNode('If', ['c'], ['y']), inner])], inputs: [], outputs: [spec] }),
  ])
    expect(() => openOnnxSession(model)).toThrow(/weights in another file/)
})
