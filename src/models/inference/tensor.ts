import { TruelineError } from '../../core/errors.ts'
import { freeMemory } from '../../core/free-memory.ts'

/** What it takes to hold a text besides its bytes. */
const VIEW_BYTES = 96

/** Bytes of an element; those of BYTES have their own length. */
const elementBytes = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
} as const

/** Datatypes whose elements all have the same size. */
export type FixedDatatype = keyof typeof elementBytes

/** What the elements of a tensor are: the datatypes of the Open Inference Protocol. */
export type Datatype = FixedDatatype | 'BYTES'

/** A tensor that a model takes or gives. */
export interface TensorSpec {
  readonly name: string
  readonly datatype: Datatype
  /** -1 where a dimension is any. */
  readonly shape: readonly number[]
  /**
   * A column of a table, one element a row: it may also come with the shape [rows, 1], in any datatype of numbers where the
   * datatype is one of numbers, and with values missing.
   */
  readonly column?: true
}

/** Elements of each datatype: bits of FP16 and BF16, 0 and 1 of BOOL. */
export interface TensorData {
  readonly BOOL: Uint8Array
  readonly UINT8: Uint8Array
  readonly UINT16: Uint16Array
  readonly UINT32: Uint32Array
  readonly UINT64: BigUint64Array
  readonly INT8: Int8Array
  readonly INT16: Int16Array
  readonly INT32: Int32Array
  readonly INT64: BigInt64Array
  readonly FP16: Uint16Array
  readonly BF16: Uint16Array
  readonly FP32: Float32Array
  readonly FP64: Float64Array
  readonly BYTES: readonly Uint8Array[]
}

/** A tensor: as many elements as the product of its shape, row-major. */
export type Tensor = { readonly [D in Datatype]: TensorOf<D> }[Datatype]

/** A tensor of one datatype. */
export interface TensorOf<D extends Datatype> {
  readonly name: string
  readonly datatype: D
  readonly shape: readonly number[]
  readonly data: TensorData[D]
  /** 1 where an element has no value; absent where all have one. Missing floating-point numbers are NaN as well. */
  readonly missing?: Uint8Array
}

/** Has `cancel` called when whoever asks is gone, so that nobody wants the answer any more. */
export type OnGone = (cancel: () => void) => void

/** Takes what is said with one answer, besides what the model says with all. */
export type Say = (name: string, text: string) => void

/** A model that takes and gives tensors. */
export interface TensorModel {
  readonly name: string
  readonly version: string
  /** What runs it, such as `trueline_forest` or `onnxruntime_onnx`. */
  readonly platform: string
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** Said with metadata and answers. */
  readonly parameters: Readonly<Record<string, string>>
  /** Said with metadata alone: what was measured of it on this machine. */
  readonly measured?: Readonly<Record<string, string>>
  /**
   * Runs the model.
   * @param inputs one for each of the model's inputs, in their order, of their datatypes and shapes
   * @param wanted names of outputs
   * @param onGone where whoever asks may go before the answer
   * @param say told of what belongs to this answer, before it is there
   * @returns the wanted outputs, in the order asked for; at once where that is possible
   */
  infer(
    inputs: readonly Tensor[],
    wanted: readonly string[],
    onGone?: OnGone,
    say?: Say,
  ): readonly Tensor[] | Promise<readonly Tensor[]>
  /** Lets go of what the model holds; nothing is asked of it any more. */
  close(): Promise<void>
}

/** Whether a text names a datatype. */
export function isDatatype(text: unknown): text is Datatype {
  return typeof text === 'string' && (text === 'BYTES' || Object.hasOwn(elementBytes, text))
}

/** Bytes of one element of a datatype. */
export function bytesPerElement(datatype: FixedDatatype): number {
  return elementBytes[datatype]
}

/** Bytes that the elements of a tensor take in memory, about. */
export function sizeOf({ datatype, data }: Tensor): number {
  if (datatype !== 'BYTES') return data.byteLength
  return data.reduce((sum, { length }) => sum + length + VIEW_BYTES, 0)
}

/** Gives the memory of tensors back that nobody reads any more. */
export function freeTensors(tensors: readonly Tensor[]): void {
  for (const { datatype, data } of tensors) if (datatype !== 'BYTES') freeMemory(data)
}

/** Room for elements of a datatype, all 0. */
export function emptyData<D extends FixedDatatype>(datatype: D, length: number): TensorData[D] {
  return new arrays[datatype](length) as TensorData[D]
}

/** Elements of a datatype over bytes of a buffer, from an offset that is a multiple of the size of an element. */
export function dataOver<D extends FixedDatatype>(
  datatype: D,
  buffer: ArrayBuffer,
  offset: number,
  length: number,
): TensorData[D] {
  return new arrays[datatype](buffer, offset, length) as TensorData[D]
}

const arrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  BF16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const satisfies Record<FixedDatatype, unknown>

/** More elements than any request can carry: beyond, a product would no longer be exact. */
const MOST_ELEMENTS = 2 ** 31

/**
 * How many elements a shape holds.
 * @param path of the tensor, for the error
 * @throws TruelineError `invalid_request` for what is no list of whole numbers from 0 on, or a product that no request carries
 */
export function elementsOf(shape: unknown, path: string): number {
  let product = 1
  // A dimension of 0 makes the product 0, and must not hide others that are absurd.
  let largest = 1
  for (const size of Array.isArray(shape) ? (shape as unknown[]) : [undefined]) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw new TruelineError('invalid_request', `${path} has no shape of whole numbers from 0 on.`, { path })
    product *= size
    largest *= Math.max(size, 1)
    if (largest > MOST_ELEMENTS)
      throw new TruelineError('invalid_request', `${path} has a shape of more elements than a request can carry.`, {
        path,
      })
  }
  return product
}
