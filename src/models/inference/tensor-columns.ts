import { TruelineError } from '../../core/errors.ts'
import { allAtOnce, ELEMENTS_OF_STEP, type Steps } from '../../core/slices.ts'
import { fromBrain, fromHalf } from './small-float.ts'
import type { Datatype, Tensor } from './tensor.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A tensor of numbers as doubles, each exactly; NaN where one is missing.
 * @throws TruelineError `invalid_request` for texts, infinities and whole numbers that no double holds
 */
export function numbersOfTensor(tensor: Tensor): Float64Array {
  const { name, datatype, missing } = tensor
  if (datatype === 'BYTES')
    throw new TruelineError('invalid_request', `${name} has the datatype BYTES; the model takes numbers.`, {
      path: name,
    })
  const numbers = doublesOf(tensor)
  if (missing !== undefined)
    for (let index = 0; index < numbers.length; index += 1) if (missing[index] === 1) numbers[index] = Number.NaN
  refuseInexact(name, datatype, numbers)
  return numbers
}

/** The same numbers as `numbersOfTensor` gives, where they lie if they are of floating point: a large request is not held twice. */
export function numbersInTensor(tensor: Tensor): Float32Array | Float64Array {
  // Of these missing ones are NaN already.
  if (tensor.datatype !== 'FP32' && tensor.datatype !== 'FP64') return numbersOfTensor(tensor)
  refuseInexact(tensor.name, tensor.datatype, tensor.data)
  return tensor.data
}

/** How far a number of a datatype may be from the one that was meant, as a share of it; others are exact. */
const ROUNDED: Partial<Record<Datatype, number>> = { FP64: 2 ** -52, FP32: 2 ** -24, FP16: 2 ** -11, BF16: 2 ** -8 }

/**
 * A tensor of decimals as whole units of their scale, as vectors hold them; NaN where one is missing. What is no decimal of that scale, by
 * more than its datatype rounds, keeps its fraction of a unit.
 * @param scale digits after the point
 * @throws TruelineError `invalid_request` as `numbersOfTensor` does
 */
export function unitsOfTensor(tensor: Tensor, scale: number): Float64Array {
  const unit = 10 ** scale
  const rounded = ROUNDED[tensor.datatype] ?? 0
  return Float64Array.from(numbersInTensor(tensor), (value) => {
    const units = Math.round(value * unit)
    // -0 is no unit.
    return Math.abs(units / unit - value) <= rounded * Math.abs(value) ? units + 0 : value * unit
  })
}

function refuseInexact(name: string, datatype: Datatype, numbers: Float32Array | Float64Array): void {
  const most = datatype === 'INT64' || datatype === 'UINT64' ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE
  for (let index = 0; index < numbers.length; index += 1)
    if (Math.abs(numbers[index]!) > most)
      throw new TruelineError('invalid_request', `${name}[${index}] is no number that a double holds exactly.`, {
        path: `${name}[${index}]`,
      })
}

function doublesOf(tensor: Exclude<Tensor, { datatype: 'BYTES' }>): Float64Array {
  switch (tensor.datatype) {
    case 'FP16':
      return Float64Array.from(tensor.data, fromHalf)
    case 'BF16':
      return Float64Array.from(tensor.data, fromBrain)
    case 'INT64':
    case 'UINT64':
      return Float64Array.from(tensor.data as ArrayLike<bigint>, Number)
    default:
      return new Float64Array(tensor.data)
  }
}

/**
 * A tensor of texts; null where one is missing.
 * @throws TruelineError `invalid_request` for numbers, and bytes that are no UTF-8
 */
export function textsOfTensor(tensor: Tensor): (string | null)[] {
  return allAtOnce(textsOfTensorInSteps(tensor))
}

/** As `textsOfTensor`, in steps. */
export function* textsOfTensorInSteps({ name, datatype, data, missing }: Tensor): Steps<(string | null)[]> {
  if (datatype !== 'BYTES')
    throw new TruelineError('invalid_request', `${name} has the datatype ${datatype}; the model takes texts.`, {
      path: name,
    })
  const texts: (string | null)[] = []
  // Texts of a request share the bytes of those that are the same.
  const known = new Map<Uint8Array, string>()
  for (const [index, bytes] of data.entries()) {
    if (missing?.[index] === 1) texts.push(null)
    else {
      const text = known.get(bytes) ?? textOf(name, index, bytes)
      known.set(bytes, text)
      texts.push(text)
    }
    if (texts.length % ELEMENTS_OF_STEP !== 0) continue
    known.clear()
    yield
  }
  return texts
}

function textOf(name: string, index: number, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    const path = `${name}[${index}]`
    throw new TruelineError('invalid_request', `${path} is no text in UTF-8.`, { path, cause })
  }
}
