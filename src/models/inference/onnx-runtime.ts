import { createRequire } from 'node:module'
import { TruelineError } from '../../core/errors.ts'

/** A tensor as onnxruntime takes it and gives it. */
export interface NativeTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: NativeData
  readonly cpuData: NativeData
  readonly location: 'cpu'
  readonly size: number
}

/** Elements of a tensor; texts are the only ones that are no numbers. */
export type NativeData = (ArrayBufferView & { readonly length: number }) | readonly string[]

/** An input or output of a graph. */
export interface NativeSpec {
  readonly name: string
  readonly isTensor: boolean
  /** Number of the element type in `TensorProto.DataType`. */
  readonly type: number
  /** -1 where a dimension is any. */
  readonly shape: readonly number[]
}

/** A graph in onnxruntime's memory. Every call takes as long as its work. */
export interface NativeSession {
  readonly inputMetadata: readonly NativeSpec[]
  readonly outputMetadata: readonly NativeSpec[]
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void
  run(
    feeds: Readonly<Record<string, NativeTensor>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Readonly<Record<string, { readonly dims: readonly number[]; readonly data: NativeData }>>
  dispose(): void
}

interface NativeBinding {
  readonly initOrt: () => void
  readonly binding: { readonly InferenceSession: new () => NativeSession }
}

/** The package that runs graphs: no dependency of ours, as long as nobody has a graph. */
export const ONNX_PACKAGE = 'onnxruntime-node'

let loaded: NativeBinding | undefined

/**
 * A session without a graph yet. The package is loaded with the first one, because many need none: it is optional.
 *
 * What is used is the binding below the package's own classes. These run it behind `setImmediate`, in the same thread: that
 * makes a question late, and leaves the event loop no freer.
 * @throws TruelineError `runtime_missing`
 */
export function newSession(): NativeSession {
  loaded ??= loadBinding()
  return new loaded.binding.InferenceSession()
}

function loadBinding(): NativeBinding {
  try {
    const binding = createRequire(import.meta.url)(`${ONNX_PACKAGE}/dist/binding.js`) as NativeBinding
    binding.initOrt()
    return binding
  } catch (cause) {
    throw new TruelineError('runtime_missing', `ONNX graphs need the package ${ONNX_PACKAGE}, which is not there.`, {
      path: ONNX_PACKAGE,
      cause,
    })
  }
}
