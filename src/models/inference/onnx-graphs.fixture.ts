import { bytesField, join, numberField } from './protobuf.ts'

/** Numbers of datatypes in `TensorProto.DataType`, of those that onnxruntime and the inference protocol both have. */
export const elementTypes = {
  ...{ FP32: 1, UINT8: 2, INT8: 3, UINT16: 4, INT16: 5, INT32: 6, INT64: 7, BYTES: 8, BOOL: 9 },
  ...{ FP16: 10, FP64: 11, UINT32: 12, UINT64: 13 },
} as const

type Dimensions = readonly (string | number)[]

/** A tensor of a graph: a text is a dimension that is any. */
export function valueInfo(name: string, type: number, dimensions: Dimensions): Uint8Array {
  const shape = dimensions.map((size) =>
    bytesField(1, typeof size === 'string' ? bytesField(2, size) : numberField(1, size)),
  )
  const tensor = join([numberField(1, type), bytesField(2, shape)])
  return join([bytesField(1, name), bytesField(2, bytesField(1, tensor))])
}

export function graphNode(operator: string, inputs: readonly string[], outputs: readonly string[]): Uint8Array {
  return join([
    ...inputs.map((name) => bytesField(1, name)),
    ...outputs.map((name) => bytesField(2, name)),
    bytesField(3, outputs[0]!),
    bytesField(4, operator),
  ])
}

export interface GraphParts {
  readonly nodes: readonly Uint8Array[]
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
  /** Messages of type TensorProto. */
  readonly initializers?: readonly Uint8Array[]
}

/** The bytes of an ONNX model. */
export function onnxModel({ nodes, inputs, outputs, initializers = [] }: GraphParts): Uint8Array {
  const graph = [
    ...nodes.map((node) => bytesField(1, node)),
    bytesField(2, 'graph'),
    ...initializers.map((tensor) => bytesField(5, tensor)),
    ...inputs.map((input) => bytesField(11, input)),
    ...outputs.map((output) => bytesField(12, output)),
  ]
  const opset = [bytesField(1, ''), numberField(2, 15)]
  return join([numberField(1, 8), bytesField(2, 'test'), bytesField(7, graph), bytesField(8, opset)])
}

/** A tensor that a graph has in itself. */
export function initializer(name: string, dimensions: readonly number[], values: Float32Array): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return join([
    ...dimensions.map((size) => numberField(1, size)),
    numberField(2, 1),
    bytesField(8, name),
    bytesField(9, raw),
  ])
}

/** Gives back a tensor [rows, 2] of each datatype. */
export function identityGraph(): Uint8Array {
  const types = Object.entries(elementTypes)
  return onnxModel({
    nodes: types.map(([name]) => graphNode('Identity', [`in ${name}`], [`out ${name}`])),
    inputs: types.map(([name, type]) => valueInfo(`in ${name}`, type, ['rows', 2])),
    outputs: types.map(([name, type]) => valueInfo(`out ${name}`, type, ['rows', 2])),
  })
}

/** Of `rows` [rows, width] the product with weights of one column, `weights` again and again to make it dear. */
export function productGraph(width: number, weights: Float32Array): Uint8Array {
  return onnxModel({
    nodes: [graphNode('MatMul', ['rows', 'weights'], ['product'])],
    inputs: [valueInfo('rows', elementTypes.FP32, ['rows', width])],
    outputs: [valueInfo('product', elementTypes.FP32, ['rows', weights.length / width])],
    initializers: [initializer('weights', [width, weights.length / width], weights)],
  })
}

/** The sum of `a` and `b`, whose shapes have to fit each other. */
export function sumGraph(): Uint8Array {
  return onnxModel({
    nodes: [graphNode('Add', ['a', 'b'], ['sum'])],
    inputs: ['a', 'b'].map((name) => valueInfo(name, elementTypes.FP32, ['n'])),
    outputs: [valueInfo('sum', elementTypes.FP32, ['n'])],
  })
}
