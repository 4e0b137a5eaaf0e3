import { bytesField, floatField, floatsField, join, numberField, numbersField } from './protobuf.ts'

// The parts of onnx.proto (https://github.com/onnx/onnx) that exported models are made of.

const IR_VERSION = 8
const OPSET = 15
/** The last version of the operators set whose trees every runtime knows. */
const ML_OPSET = 3
/** `TensorProto.DataType.FLOAT`. */
const FLOAT = 1
/** `AttributeProto.AttributeType`, and the fields that hold values of the type. */
const ATTRIBUTE = {
  float: { type: 1, field: 2 },
  int: { type: 2, field: 3 },
  floats: { type: 6, field: 7 },
  ints: { type: 7, field: 8 },
  strings: { type: 8, field: 9 },
} as const

/** A graph of operators that takes float32 and gives float32. */
export interface WrittenGraph {
  readonly name: string
  readonly nodes: readonly Uint8Array[]
  /** Names of matrices of any number of rows, with their columns. */
  readonly input: { readonly name: string; readonly columns: number }
  readonly outputs: readonly { readonly name: string; readonly columns: number }[]
  readonly metadata: Readonly<Record<string, string>>
}

/** The bytes of a model. */
export function writeOnnx({ name, nodes, input, outputs, metadata }: WrittenGraph): Uint8Array {
  const graph = [
    ...nodes.map((one) => bytesField(1, one)),
    bytesField(2, name),
    bytesField(11, valueInfo(input.name, input.columns)),
    ...outputs.map((output) => bytesField(12, valueInfo(output.name, output.columns))),
  ]
  return join([
    numberField(1, IR_VERSION),
    bytesField(2, 'trueline'),
    bytesField(7, graph),
    bytesField(8, [bytesField(1, ''), numberField(2, OPSET)]),
    bytesField(8, [bytesField(1, 'ai.onnx.ml'), numberField(2, ML_OPSET)]),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, [bytesField(1, key), bytesField(2, value)])),
  ])
}

/** An operator of one input and one output; attributes may follow. */
export function node(operator: string, input: string, output: string, domain: '' | 'ai.onnx.ml'): Uint8Array {
  return join([
    bytesField(1, input),
    bytesField(2, output),
    bytesField(3, output),
    bytesField(4, operator),
    bytesField(7, domain),
  ])
}

export function int(name: string, value: number): Uint8Array {
  return attribute(name, ATTRIBUTE.int.type, numberField(ATTRIBUTE.int.field, value))
}

export function float(name: string, value: number): Uint8Array {
  return attribute(name, ATTRIBUTE.float.type, floatField(ATTRIBUTE.float.field, value))
}

export function ints(name: string, values: Iterable<number>): Uint8Array {
  return attribute(name, ATTRIBUTE.ints.type, numbersField(ATTRIBUTE.ints.field, values))
}

export function floats(name: string, values: Float32Array): Uint8Array {
  return attribute(name, ATTRIBUTE.floats.type, floatsField(ATTRIBUTE.floats.field, values))
}

export function strings(name: string, values: readonly string[]): Uint8Array {
  return attribute(
    name,
    ATTRIBUTE.strings.type,
    join(values.map((value) => bytesField(ATTRIBUTE.strings.field, value))),
  )
}

function attribute(name: string, type: number, values: Uint8Array): Uint8Array {
  return bytesField(5, [bytesField(1, name), values, numberField(20, type)])
}

/** A float32 matrix of any number of rows. */
function valueInfo(name: string, columns: number): Uint8Array {
  const shape = [bytesField(1, bytesField(2, 'rows')), bytesField(1, numberField(1, columns))]
  const tensor = [numberField(1, FLOAT), bytesField(2, shape)]
  return join([bytesField(1, name), bytesField(2, bytesField(1, tensor))])
}
