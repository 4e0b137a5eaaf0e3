import { TruelineError } from '../../core/errors.ts'
import { allAtOnce, ELEMENTS_OF_STEP, type Steps } from '../../core/slices.ts'
import { SharedBytes } from './shared-bytes.ts'
import { bytesPerElement, type Datatype, dataOver, elementsOf, type Tensor } from './tensor.ts'

const ALIGNMENT = 8
const LENGTH_BYTES = 4

/** From so many bytes on tensors get memory each of its own, which `freeTensors` gives back. */
const LARGE = 2 ** 20

/** Room for the raw elements of the tensors of a request, each at an address that its datatype can have: one allocation for all of a small one. */
export class TensorRoom {
  readonly #buffer: ArrayBuffer | undefined
  #used = 0

  /**
   * @param bytes of all tensors together
   * @param tensors how many
   */
  constructor(bytes: number, tensors: number) {
    // Not filled with zeros, which takes long for a large request: what is taken of it is written at once.
    if (bytes < LARGE) this.#buffer = Buffer.allocUnsafeSlow(bytes + tensors * (ALIGNMENT - 1)).buffer
  }

  /** Copies bytes into the room; gives where they are. */
  take(bytes: Uint8Array): { readonly buffer: ArrayBuffer; readonly offset: number } {
    if (this.#buffer === undefined) {
      const { buffer } = Buffer.allocUnsafeSlow(bytes.length)
      new Uint8Array(buffer).set(bytes)
      return { buffer, offset: 0 }
    }
    const offset = Math.ceil(this.#used / ALIGNMENT) * ALIGNMENT
    new Uint8Array(this.#buffer, offset, bytes.length).set(bytes)
    this.#used = offset + bytes.length
    return { buffer: this.#buffer, offset }
  }
}

/**
 * A tensor from its raw bytes: little-endian, row-major, nothing between elements; each element of BYTES behind its length
 * in four bytes. Source: Triton's binary data extension and `raw_input_contents` of the protocol.
 * @throws TruelineError `invalid_request` when the bytes are not those of the shape
 */
export function tensorFromBytes(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  room: TensorRoom,
): Tensor {
  return allAtOnce(tensorFromBytesInSteps(name, datatype, shape, bytes, room))
}

/** As `tensorFromBytes`, in steps. */
export function* tensorFromBytesInSteps(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
  room: TensorRoom,
): Steps<Tensor> {
  const length = elementsOf(shape, name)
  if (datatype === 'BYTES') return { name, datatype, shape, data: yield* readTexts(name, bytes, length) }
  const size = length * bytesPerElement(datatype)
  if (bytes.length !== size)
    throw invalid(name, `has ${bytes.length} bytes where ${datatype} [${shape.join(', ')}] takes ${size}`)
  const { buffer, offset } = room.take(bytes)
  const data = dataOver(datatype, buffer, offset, length)
  if (datatype === 'BOOL' && (data as Uint8Array).some((byte) => byte > 1))
    throw invalid(name, 'is of bools and has a byte that is neither 0 nor 1')
  return { name, datatype, shape, data } as Tensor
}

function* readTexts(name: string, bytes: Uint8Array, length: number): Steps<Uint8Array[]> {
  // Before any is taken: a length is four bytes itself.
  if (length * LENGTH_BYTES > bytes.length)
    throw invalid(name, `has ${bytes.length} bytes, too few for ${length} elements`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const elements: Uint8Array[] = []
  const shared = new SharedBytes()
  let offset = 0
  while (elements.length < length) {
    if (bytes.length - offset < LENGTH_BYTES) throw invalid(name, 'ends in the middle of an element')
    const start = offset + LENGTH_BYTES
    const end = start + view.getUint32(offset, true)
    if (end > bytes.length) throw invalid(name, 'ends in the middle of an element')
    elements.push(shared.between(bytes, start, end))
    offset = end
    if (elements.length % ELEMENTS_OF_STEP === 0) yield
  }
  if (offset !== bytes.length) throw invalid(name, `has ${bytes.length - offset} bytes more than its elements`)
  return elements
}

/** The raw bytes of a tensor, as `tensorFromBytes` takes them; missing elements as what stands in their place. */
export function bytesOfTensor(tensor: Tensor): Uint8Array {
  return allAtOnce(bytesOfTensorInSteps(tensor))
}

/** As `bytesOfTensor`, in steps. */
export function* bytesOfTensorInSteps(tensor: Tensor): Steps<Uint8Array> {
  if (tensor.datatype !== 'BYTES') {
    const { buffer, byteOffset, byteLength } = tensor.data
    return new Uint8Array(buffer, byteOffset, byteLength)
  }
  let size = 0
  for (const [index, { length }] of tensor.data.entries()) {
    size += LENGTH_BYTES + length
    if ((index + 1) % ELEMENTS_OF_STEP === 0) yield
  }
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let offset = 0
  for (const [index, element] of tensor.data.entries()) {
    view.setUint32(offset, element.length, true)
    bytes.set(element, offset + LENGTH_BYTES)
    offset += LENGTH_BYTES + element.length
    if ((index + 1) % ELEMENTS_OF_STEP === 0) yield
  }
  return bytes
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}
