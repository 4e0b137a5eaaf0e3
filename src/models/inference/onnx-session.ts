import { isUtf8 } from 'node:buffer'
import { TruelineError } from '../../core/errors.ts'
import { refuseExternalData } from './onnx-external-data.ts'
import { type NativeData, type NativeSession, type NativeSpec, type NativeTensor, newSession } from './onnx-runtime.ts'
import { type Datatype, dataOver, type FixedDatatype, type Tensor, type TensorSpec } from './tensor.ts'

/** A graph that can be run. Not to be used from two threads. */
export interface OnnxSession {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /**
   * Runs the graph, in this thread, before it returns.
   * @param inputs one for each of its inputs, in their order, of their datatypes and shapes
   * @param wanted names of outputs, at least one
   * @throws TruelineError `inference_failed` where the graph cannot be run on them, `invalid_request` for a text that is no UTF-8
   */
  run(inputs: readonly Tensor[], wanted: readonly string[]): readonly Tensor[]
  /** Gives back its memory; it is not run any more. */
  close(): void
}

/** Element types of ONNX, by their number in `TensorProto.DataType`: what they are here, and what onnxruntime calls them. */
const elementTypes: Readonly<Record<number, readonly [Datatype, string]>> = {
  1: ['FP32', 'float32'],
  2: ['UINT8', 'uint8'],
  3: ['INT8', 'int8'],
  4: ['UINT16', 'uint16'],
  5: ['INT16', 'int16'],
  6: ['INT32', 'int32'],
  7: ['INT64', 'int64'],
  8: ['BYTES', 'string'],
  9: ['BOOL', 'bool'],
  10: ['FP16', 'float16'],
  11: ['FP64', 'float64'],
  12: ['UINT32', 'uint32'],
  13: ['UINT64', 'uint64'],
}
const nativeNames = Object.fromEntries(Object.values(elementTypes)) as Readonly<Record<Datatype, string>>

/**
 * One thread gives the same bits wherever it runs. Without an arena, memory that a large request took is given back
 * after it. Errors are told by what is thrown, not on standard error.
 */
const SESSION_OPTIONS = {
  ...{ intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all' },
  ...{ enableCpuMemArena: false, logSeverityLevel: 4 },
}
const RUN_OPTIONS = { logSeverityLevel: 4 }
const encoder = new TextEncoder()

/**
 * Opens an ONNX model with onnxruntime, on one thread of the processor.
 * @param model bytes of the file; nothing holds them afterwards
 * @throws TruelineError `runtime_missing`; `unsupported_model` for bytes that onnxruntime does not load, inputs or outputs
 *   that are no tensors of a datatype of the Open Inference Protocol, and weights in other files
 */
export function openOnnxSession(model: Uint8Array): OnnxSession {
  refuseExternalData(model)
  const session = newSession()
  try {
    session.loadModel(model.buffer, model.byteOffset, model.byteLength, SESSION_OPTIONS)
  } catch (cause) {
    throw new TruelineError('unsupported_model', `onnxruntime does not load the graph: ${messageOf(cause)}`, { cause })
  }
  try {
    return wrap(session, session.inputMetadata.map(specOf), session.outputMetadata.map(specOf))
  } catch (thrown) {
    session.dispose()
    throw thrown
  }
}

function wrap(session: NativeSession, inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): OnnxSession {
  const datatypes = new Map(outputs.map(({ name, datatype }) => [name, datatype]))
  return {
    inputs,
    outputs,
    run(given, wanted) {
      const feeds = Object.fromEntries(inputs.map(({ name }, index) => [name, nativeOf(given[index]!)]))
      const fetches = Object.fromEntries(wanted.map((name) => [name, null]))
      let results: ReturnType<NativeSession['run']>
      try {
        results = session.run(feeds, fetches, RUN_OPTIONS)
      } catch (cause) {
        throw new TruelineError('inference_failed', `The graph could not be run: ${messageOf(cause)}`, { cause })
      }
      return wanted.map((name) => tensorOf(name, datatypes.get(name)!, results[name]!))
    },
    close: () => session.dispose(),
  }
}

function specOf({ name, isTensor, type, shape }: NativeSpec): TensorSpec {
  const [datatype] = (isTensor ? elementTypes[type] : undefined) ?? []
  if (datatype === undefined)
    throw new TruelineError('unsupported_model', `'${name}' is no tensor of a datatype that can be sent.`, {
      path: name,
      remedy: 'Export it with tensors alone: of a classifier of scikit-learn with zipmap=False.',
    })
  return { name, datatype, shape }
}

function nativeOf(tensor: Tensor): NativeTensor {
  const { name, datatype, shape } = tensor
  const data: NativeData = datatype === 'BYTES' ? tensor.data.map((bytes) => textOf(bytes, name)) : tensor.data
  return { type: nativeNames[datatype], dims: shape, data, cpuData: data, location: 'cpu', size: data.length }
}

/** The binding's texts end at their first zero byte: one with such a byte would become another. */
function textOf(bytes: Uint8Array, name: string): string {
  if (isUtf8(bytes) && !bytes.includes(0)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
  throw new TruelineError('invalid_request', `${name} has an element that is no text in UTF-8, or has a zero byte.`, {
    path: name,
  })
}

function tensorOf(
  name: string,
  datatype: Datatype,
  { dims, data }: { dims: readonly number[]; data: NativeData },
): Tensor {
  const shape = [...dims]
  if (!ArrayBuffer.isView(data))
    return { name, datatype: 'BYTES', shape, data: data.map((text) => encoder.encode(text)) }
  // FP16 comes as an array of numbers, and goes by its bits.
  const fixed = datatype as FixedDatatype
  return {
    name,
    datatype: fixed,
    shape,
    data: dataOver(fixed, data.buffer as ArrayBuffer, data.byteOffset, data.length),
  } as Tensor
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.replace(/\s+/g, ' ').trim() : String(thrown)
}
