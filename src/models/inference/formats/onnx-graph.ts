import { TruelineError } from '../../../core/errors.ts'
import { ProtobufReader } from '../protobuf-reader.ts'
import { fileFault, notScored } from './foreign-model.ts'

/** As much of an ONNX model as is needed to tell what it computes. */
export interface OnnxGraph {
  /** What wrote it. */
  readonly producer: string
  readonly nodes: readonly OnnxNode[]
  readonly inputs: readonly OnnxInput[]
  /** Names of its outputs. */
  readonly outputs: readonly string[]
  readonly metadata: ReadonlyMap<string, string>
}

export interface OnnxNode {
  readonly operator: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
}

/** An attribute in whichever of the forms it was written in; the others are empty. */
export interface OnnxAttribute {
  readonly integer: number
  readonly text: string
  /** Floats, or the numbers of a tensor. */
  readonly numbers: readonly number[]
  readonly integers: readonly number[]
  readonly texts: readonly string[]
}

export interface OnnxInput {
  readonly name: string
  /** `TensorProto.DataType`. */
  readonly type: number
  /** Size of its last dimension; undefined where that varies. */
  readonly width: number | undefined
}

/** Operators of ai.onnx.ml that are ensembles of trees. */
export const TREE_OPERATORS: ReadonlySet<string> = new Set([
  'TreeEnsembleClassifier',
  'TreeEnsembleRegressor',
  'TreeEnsemble',
])

/** `TensorProto.DataType`s that are met. */
export const ONNX_TYPE = { float: 1, uint8: 2, int64: 7, text: 8, half: 10, double: 11, bfloat16: 16 } as const

/**
 * Reads an ONNX model: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Weights that no operator of trees or lines has are passed
 * over.
 * @throws TruelineError `model_file_invalid`
 */
export function readOnnxGraph(bytes: Uint8Array): OnnxGraph {
  try {
    return readModel(bytes)
  } catch (thrown) {
    if (!(thrown instanceof TruelineError) || thrown.code !== 'invalid_request') throw thrown
    throw fileFault('onnx', 'it is no message of that format', thrown)
  }
}

/** Whether a graph is one ensemble of trees, as far as its operators say; nothing else of it is read. */
export function hasTreesAlone(bytes: Uint8Array): boolean {
  const operators: string[] = []
  eachField(bytes, {
    7: (model) =>
      eachField(model.bytes(), {
        1: (graph) =>
          eachField(graph.bytes(), {
            4: (node) => operators.push(node.string()),
          }),
      }),
  })
  return operators.length === 1 && TREE_OPERATORS.has(operators[0]!)
}

function readModel(bytes: Uint8Array): OnnxGraph {
  const metadata = new Map<string, string>()
  const producer: string[] = []
  let graph: Omit<OnnxGraph, 'producer' | 'metadata'> | undefined
  eachField(bytes, {
    2: (reader) => producer.push(reader.string()),
    3: (reader) => producer.push(reader.string()),
    7: (reader) => {
      graph = readGraph(reader.bytes())
    },
    14: (reader) => {
      const entry = { key: '', value: '' }
      eachField(reader.bytes(), {
        1: (one) => {
          entry.key = one.string()
        },
        2: (one) => {
          entry.value = one.string()
        },
      })
      metadata.set(entry.key, entry.value)
    },
  })
  if (graph === undefined) throw fileFault('onnx', 'it has no graph')
  return { ...graph, metadata, producer: producer.join(' ').trim() }
}

function readGraph(bytes: Uint8Array): Omit<OnnxGraph, 'producer' | 'metadata'> {
  const nodes: OnnxNode[] = []
  const given: OnnxInput[] = []
  const outputs: string[] = []
  const weights = new Set<string>()
  eachField(bytes, {
    1: (reader) => nodes.push(readNode(reader.bytes())),
    5: (reader) =>
      eachField(reader.bytes(), {
        8: (one) => weights.add(one.string()),
      }),
    11: (reader) => given.push(readInput(reader.bytes())),
    12: (reader) => outputs.push(readInput(reader.bytes()).name),
  })
  return { nodes, outputs, inputs: given.filter(({ name }) => !weights.has(name)) }
}

function readNode(bytes: Uint8Array): OnnxNode {
  const node = {
    operator: '',
    inputs: [] as string[],
    outputs: [] as string[],
    attributes: new Map<string, OnnxAttribute>(),
  }
  eachField(bytes, {
    1: (reader) => node.inputs.push(reader.string()),
    2: (reader) => node.outputs.push(reader.string()),
    4: (reader) => {
      node.operator = reader.string()
    },
    5: (reader) => {
      const { name, ...attribute } = readAttribute(reader.bytes())
      node.attributes.set(name, attribute)
    },
  })
  return node
}

function readAttribute(bytes: Uint8Array): OnnxAttribute & { readonly name: string } {
  const attribute = {
    ...{ name: '', integer: 0, text: '' },
    numbers: [] as number[],
    integers: [] as number[],
    texts: [] as string[],
  }
  eachField(bytes, {
    1: (reader) => {
      attribute.name = reader.string()
    },
    2: (reader) => reader.floats((value) => attribute.numbers.push(value)),
    3: (reader) => {
      attribute.integer = reader.int64()
    },
    4: (reader) => {
      attribute.text = reader.string()
    },
    5: (reader) => readTensor(reader.bytes(), attribute.numbers),
    7: (reader) => reader.floats((value) => attribute.numbers.push(value)),
    8: (reader) => reader.int64s((value) => attribute.integers.push(value)),
    9: (reader) => attribute.texts.push(reader.string()),
  })
  return attribute
}

/** Adds the numbers of a tensor, from whichever field holds them. */
function readTensor(bytes: Uint8Array, numbers: number[]): void {
  let type = 0
  let raw: Buffer | undefined
  const add = (value: number): void => {
    numbers.push(value)
  }
  eachField(bytes, {
    2: (reader) => {
      type = reader.int64()
    },
    4: (reader) => reader.floats(add),
    5: (reader) => reader.int64s(add),
    7: (reader) => reader.int64s(add),
    9: (reader) => {
      raw = reader.bytes()
    },
    10: (reader) => reader.doubles(add),
    14: () => {
      throw notScored('onnx', 'a tensor in another file')
    },
  })
  if (raw === undefined) return
  const width = { [ONNX_TYPE.float]: 4, [ONNX_TYPE.uint8]: 1, [ONNX_TYPE.double]: 8 }[type]
  if (width === undefined || raw.length % width !== 0) throw fileFault('onnx', `it has a tensor of the type ${type}`)
  for (let at = 0; at < raw.length; at += width)
    add(width === 1 ? raw[at]! : width === 4 ? raw.readFloatLE(at) : raw.readDoubleLE(at))
}

function readInput(bytes: Uint8Array): OnnxInput {
  const input: { name: string; type: number; width: number | undefined } = { name: '', type: 0, width: undefined }
  eachField(bytes, {
    1: (reader) => {
      input.name = reader.string()
    },
    2: (reader) =>
      eachField(reader.bytes(), {
        1: (tensor) =>
          eachField(tensor.bytes(), {
            1: (one) => {
              input.type = one.int64()
            },
            2: (shape) =>
              eachField(shape.bytes(), {
                1: (dimension) => {
                  input.width = undefined
                  eachField(dimension.bytes(), {
                    1: (size) => {
                      input.width = size.int64()
                    },
                  })
                },
              }),
          }),
      }),
  })
  return input
}

/** Reads the fields of a message that are wanted, by their numbers, and passes over the others. */
function eachField(bytes: Uint8Array, wanted: Readonly<Record<number, (reader: ProtobufReader) => unknown>>): void {
  const reader = new ProtobufReader(bytes)
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    const read = wanted[field]
    if (read === undefined) reader.skip()
    else read(reader)
  }
}
