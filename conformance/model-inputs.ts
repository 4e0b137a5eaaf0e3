// Inputs that fit a model, made from what it says of itself.
import type { Message } from './wire.ts'

export interface TensorMetadata {
  readonly name: string
  readonly datatype: string
  /** -1 where a dimension is any. */
  readonly shape: readonly number[]
}

export interface ModelMetadata {
  readonly name: string
  readonly versions?: readonly string[]
  readonly platform: string
  readonly inputs: readonly TensorMetadata[]
  readonly outputs: readonly TensorMetadata[]
}

/** Whether an answer says enough of a model to ask it. */
export function isModelMetadata(answer: unknown): answer is ModelMetadata {
  const { inputs, outputs } = (answer ?? {}) as Partial<ModelMetadata>
  return [inputs, outputs].every((tensors) => Array.isArray(tensors) && tensors.every(isTensorMetadata))
}

function isTensorMetadata(tensor: Partial<TensorMetadata> | null): boolean {
  return (
    typeof tensor?.name === 'string' &&
    (tensor.datatype === 'BYTES' || Object.hasOwn(sizes, tensor.datatype ?? '')) &&
    Array.isArray(tensor.shape) &&
    tensor.shape.every(Number.isSafeInteger)
  )
}

/** A tensor with its elements in a row. */
export interface Tensor extends TensorMetadata {
  readonly data: readonly (number | boolean | string)[]
}

/** Bytes of an element; those of BYTES have their own length. */
export const sizes: Readonly<Record<string, number>> = {
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
}

/** Whether the first dimension of all inputs is that of the rows. */
export function isBatched({ inputs }: ModelMetadata): boolean {
  return inputs.length > 0 && inputs.every(({ shape }) => shape[0] === -1)
}

/**
 * Inputs of a number of rows: small numbers that every datatype has, other ones for other seeds.
 * @param seed rows of the same seed are the same, whatever is before them
 */
export function inputsOf({ inputs }: ModelMetadata, rows: number, seed = 0): Tensor[] {
  return inputs.map(({ name, datatype, shape }, input) => {
    const sized = shape.map((size, index) => (size >= 0 ? size : index === 0 ? rows : 1))
    const width = sized.slice(1).reduce((product, size) => product * size, 1)
    const count = sized.reduce((product, size) => product * size, 1)
    const data = Array.from({ length: count }, (_, index) => {
      const value = (Math.floor(index / width) * 7 + (index % width) * 3 + input * 5 + seed * 11) % 16
      if (datatype === 'BOOL') return value % 2 === 1
      if (datatype === 'BYTES') return `text ${value}`
      return /^(FP|BF)/.test(datatype) ? value / 2 : value
    })
    return { name, datatype, shape: sized, data }
  })
}

/** A tensor's data as its shape nests them. */
export function nested({ shape, data }: Tensor): unknown {
  let level: unknown[] = [...data]
  for (const size of shape.slice(1).reverse())
    level = Array.from({ length: level.length / size }, (_, index) => level.slice(index * size, (index + 1) * size))
  return level
}

/** The raw bytes of a tensor. */
export function rawBytes({ datatype, data }: Tensor): Buffer {
  if (datatype === 'BYTES')
    return Buffer.concat(
      data.map((text) => {
        const bytes = Buffer.from(String(text))
        const length = Buffer.alloc(4)
        length.writeUInt32LE(bytes.length)
        return Buffer.concat([length, bytes])
      }),
    )
  const size = sizes[datatype]!
  const bytes = Buffer.alloc(size * data.length)
  for (const [index, value] of data.entries()) {
    const at = index * size
    const number = Number(value)
    if (datatype === 'FP64') bytes.writeDoubleLE(number, at)
    else if (datatype === 'FP32') bytes.writeFloatLE(number, at)
    else if (datatype === 'BF16') {
      const single = Buffer.alloc(4)
      single.writeFloatLE(number)
      single.copy(bytes, at, 2)
    } else if (datatype === 'FP16') bytes.writeUInt16LE(halfOf(number), at)
    else if (size === 8) bytes.writeBigInt64LE(BigInt(number), at)
    else bytes.writeUIntLE(number, at, size)
  }
  return bytes
}

/** The bits of a small number in steps of a half, from 0 up, as FP16. */
function halfOf(value: number): number {
  if (value === 0) return 0
  const exponent = Math.floor(Math.log2(value))
  return (exponent + 15) * 1024 + (value / 2 ** exponent - 1) * 1024
}

/** The elements of raw bytes, as JSON has them; undefined for datatypes that are not looked into. */
export function elementsOf(datatype: string, bytes: Buffer): unknown[] | undefined {
  if (datatype === 'BYTES') {
    const texts: string[] = []
    for (let at = 0; at < bytes.length; ) {
      const length = bytes.readUInt32LE(at)
      texts.push(bytes.toString('utf8', at + 4, at + 4 + length))
      at += 4 + length
    }
    return texts
  }
  const size = sizes[datatype]
  if (size === undefined || /^(FP|BF)16$/.test(datatype)) return undefined
  return Array.from({ length: bytes.length / size }, (_, index) => {
    const at = index * size
    if (datatype === 'FP64') return bytes.readDoubleLE(at)
    if (datatype === 'FP32') return bytes.readFloatLE(at)
    if (datatype === 'BOOL') return bytes[at] === 1
    if (size === 8) return Number(datatype === 'INT64' ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at))
    return datatype.startsWith('U') ? bytes.readUIntLE(at, size) : bytes.readIntLE(at, size)
  })
}

const contentFields: Readonly<Record<string, string>> = {
  BOOL: 'bool_contents',
  INT8: 'int_contents',
  INT16: 'int_contents',
  INT32: 'int_contents',
  INT64: 'int64_contents',
  UINT8: 'uint_contents',
  UINT16: 'uint_contents',
  UINT32: 'uint_contents',
  UINT64: 'uint64_contents',
  FP32: 'fp32_contents',
  FP64: 'fp64_contents',
  BYTES: 'bytes_contents',
}

/** A tensor as gRPC has it, with typed contents; undefined where its datatype has none. */
export function withContents({ name, datatype, shape, data }: Tensor): Message | undefined {
  const field = contentFields[datatype]
  if (field === undefined) return undefined
  const values = datatype === 'BYTES' ? data.map((text) => Buffer.from(String(text))) : data
  return { name, datatype, shape: shape.map(BigInt), contents: { [field]: values } }
}

/** A tensor as gRPC has it beside raw bytes. */
export function withoutContents({ name, datatype, shape }: Tensor): Message {
  return { name, datatype, shape: shape.map(BigInt) }
}

/** Typed contents of an answer's tensor, as JSON has them. */
export function contentsOf(tensor: Message): unknown[] {
  const contents = tensor['contents'] as Message
  const found = contents?.[contentFields[tensor['datatype'] as string] ?? ''] as unknown[] | undefined
  return (found ?? []).map((value) =>
    typeof value === 'bigint' ? Number(value) : value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  )
}
