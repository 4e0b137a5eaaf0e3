import { TruelineError } from '../../../core/errors.ts'
import { ProtobufReader } from '../../../models/inference/protobuf-reader.ts'
import type { ProtobufWriter } from '../../../models/inference/protobuf-writer.ts'
import { type Datatype, elementsOf, emptyData, type Tensor } from '../../../models/inference/tensor.ts'

/** The field of `InferTensorContents` that holds elements of a datatype; FP16 and BF16 come as raw bytes alone. */
const fields: Readonly<Partial<Record<Datatype, number>>> = {
  BOOL: 1,
  INT8: 2,
  INT16: 2,
  INT32: 2,
  INT64: 3,
  UINT8: 4,
  UINT16: 4,
  UINT32: 4,
  UINT64: 5,
  FP32: 6,
  FP64: 7,
  BYTES: 8,
}

/** Bits of the whole numbers that come as varints. */
const bits: Readonly<Partial<Record<Datatype, number>>> = {
  INT8: 8,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  UINT8: 8,
  UINT16: 16,
  UINT32: 32,
  UINT64: 64,
}

/** Whether elements of a datatype can come as typed contents. */
export function hasContents(datatype: Datatype): boolean {
  return fields[datatype] !== undefined
}

/**
 * A tensor from a message `InferTensorContents`.
 * @throws TruelineError `invalid_request` when its elements are not those of the shape and datatype
 */
export function tensorFromContents(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  contents: Buffer,
): Tensor {
  const length = elementsOf(shape, name)
  const field = fields[datatype]
  if (field === undefined) throw invalid(name, `of the datatype ${datatype} has to come in raw_input_contents`)
  // An element takes a byte at least: nothing is allocated for elements that cannot be there.
  if (length > contents.length) throw invalid(name, `has too few contents for the shape [${shape.join(', ')}]`)
  const texts: Uint8Array[] = []
  const data = (datatype === 'BYTES' ? texts : emptyData(datatype, length)) as Tensor['data']
  let count = 0
  const put = (value: number | bigint | Uint8Array): void => {
    if (count >= length) throw invalid(name, `has more contents than the ${length} elements of its shape`)
    ;(data as { [index: number]: number | bigint | Uint8Array })[count] = value
    count += 1
  }
  const putWhole = wholeReader(name, datatype, put)
  const reader = new ProtobufReader(contents)
  for (let next = reader.next(); next !== 0; next = reader.next()) {
    if (next !== field) throw invalid(name, `has contents of another datatype than ${datatype}`)
    if (datatype === 'BYTES') put(reader.bytes())
    else if (datatype === 'FP32') reader.floats(put)
    else if (datatype === 'FP64') reader.doubles(put)
    else reader.varints(putWhole)
  }
  if (count !== length)
    throw invalid(name, `has ${count} elements where the shape [${shape.join(', ')}] takes ${length}`)
  return { name, datatype, shape, data } as Tensor
}

/** Takes varints as whole numbers of the datatype, or bools. */
function wholeReader(name: string, datatype: Datatype, put: (value: number | bigint) => void): (value: bigint) => void {
  if (datatype === 'BOOL') return (value) => put(value === 0n ? 0 : 1)
  const width = bits[datatype] ?? 64
  const signed = datatype.startsWith('INT')
  return (stored) => {
    const value = signed ? BigInt.asIntN(64, stored) : stored
    if ((signed ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value)) !== value)
      throw invalid(name, `has an element that is no ${datatype}`)
    put(width === 64 ? value : Number(value))
  }
}

/** Writes the fields of `InferTensorContents` for a tensor that can have them. */
export function writeContents(writer: ProtobufWriter, { datatype, data }: Tensor): void {
  const field = fields[datatype]!
  if (datatype === 'BYTES') for (const bytes of data) writer.element(field, bytes)
  else if (datatype === 'FP64') writer.element(field, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  else if (datatype === 'FP32') writer.element(field, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  else writer.int64s(field, data as Iterable<number | bigint>)
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}
