import { setImmediate } from 'node:timers/promises'
import type { ErrorCode } from '../../core/error-codes.ts'
import type { Calibration, GraphEngine } from './graph-engines.ts'
import { bytesPerElement, dataOver, type FixedDatatype, type Tensor } from './tensor.ts'

/** What a worker that runs graphs is told. */
export type WorkerRequest =
  | {
      readonly kind: 'run'
      /** Path of the ONNX model. */
      readonly file: string
      readonly engine: GraphEngine
      readonly inputs: readonly PackedTensor[]
      readonly wanted: readonly string[]
    }
  /** Which engine runs a graph faster. */
  | { readonly kind: 'calibrate'; readonly file: string }
  /** Nothing more will be asked of a graph: its memory is given back. */
  | { readonly kind: 'forget'; readonly file: string }
  /** Nothing more will be asked at all: it gives back all memory and ends. */
  | { readonly kind: 'end' }

/** What it answers: to a request to run the outputs, and the microseconds that the run took. */
export type WorkerReply =
  | { readonly kind: 'outputs'; readonly outputs: readonly PackedTensor[]; readonly took: number }
  | { readonly kind: 'calibration'; readonly calibration: Calibration | undefined }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** A tensor whose memory is its own, so that it can be given to another thread; texts one after the other, with their lengths. */
export interface PackedTensor {
  readonly tensor: Omit<Tensor, 'data'>
  readonly data: Uint8Array<ArrayBuffer>
  readonly lengths?: Uint32Array<ArrayBuffer>
}

/** Elements are copied this many bytes, or texts, at a time: others get their turn in between. */
const BYTES_AT_A_TIME = 1024 * 1024
const TEXTS_AT_A_TIME = 10_000

/** Copies tensors into memory of their own: theirs may be part of a message that others are read from. */
export async function packed(tensors: readonly Tensor[]): Promise<readonly PackedTensor[]> {
  const copies: PackedTensor[] = []
  for (const { data, ...tensor } of tensors) {
    const isFixed = ArrayBuffer.isView(data)
    const lengths = isFixed ? undefined : Uint32Array.from(data, ({ length }) => length)
    const bytes = new Uint8Array(isFixed ? data.byteLength : lengths!.reduce((sum, length) => sum + length, 0))
    if (isFixed) {
      const from = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      for (let at = 0; at < from.length; at += BYTES_AT_A_TIME) {
        if (at > 0) await setImmediate()
        bytes.set(from.subarray(at, at + BYTES_AT_A_TIME), at)
      }
    } else {
      let at = 0
      for (const [index, text] of data.entries()) {
        if (index % TEXTS_AT_A_TIME === TEXTS_AT_A_TIME - 1) await setImmediate()
        bytes.set(text, at)
        at += text.length
      }
    }
    copies.push({ tensor, data: bytes, ...(lengths === undefined ? {} : { lengths }) })
  }
  return copies
}

/** Tensors over memory that came from another thread. */
export function unpacked(copies: readonly PackedTensor[]): readonly Tensor[] {
  return copies.map(({ tensor, data, lengths }): Tensor => {
    if (lengths !== undefined) {
      let at = 0
      const texts = Array.from(lengths, (length) => {
        at += length
        return data.subarray(at - length, at)
      })
      return { ...tensor, datatype: 'BYTES', data: texts }
    }
    const datatype = tensor.datatype as FixedDatatype
    return { ...tensor, data: dataOver(datatype, data.buffer, 0, data.length / bytesPerElement(datatype)) } as Tensor
  })
}

/** The memory of packed tensors, which goes with them. */
export function buffersOf(copies: readonly PackedTensor[]): ArrayBuffer[] {
  return copies.flatMap(({ data, lengths }) => [data.buffer, ...(lengths === undefined ? [] : [lengths.buffer])])
}
