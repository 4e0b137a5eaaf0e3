import { TruelineError } from '../../core/errors.ts'
import { allAtOnce, ELEMENTS_OF_STEP, type Steps } from '../../core/slices.ts'
import { JsonNumbers } from './json-numbers.ts'
import { fromBrain, fromHalf, toBrain, toHalf } from './small-float.ts'
import { type Datatype, elementsOf, emptyData, type FixedDatatype, type Tensor } from './tensor.ts'

/** The elements of a tensor as JSON has them, in a row. */
type Elements = readonly unknown[] | JsonNumbers

/** An element as it is stored, from one of JSON; undefined for what is none of the datatype. */
type ReadElement = (value: unknown) => number | bigint | undefined

const elements: Readonly<Record<FixedDatatype, ReadElement>> = {
  BOOL: wholeIn(0, 1),
  UINT8: wholeIn(0, 2 ** 8 - 1),
  UINT16: wholeIn(0, 2 ** 16 - 1),
  UINT32: wholeIn(0, 2 ** 32 - 1),
  UINT64: longIn(0n, 2n ** 64n - 1n),
  INT8: wholeIn(-(2 ** 7), 2 ** 7 - 1),
  INT16: wholeIn(-(2 ** 15), 2 ** 15 - 1),
  INT32: wholeIn(-(2 ** 31), 2 ** 31 - 1),
  INT64: longIn(-(2n ** 63n), 2n ** 63n - 1n),
  FP16: float((value) => [toHalf(value), fromHalf(toHalf(value))]),
  BF16: float((value) => [toBrain(value), fromBrain(toBrain(value))]),
  FP32: float((value) => [value, Math.fround(value)]),
  FP64: float((value) => [value, value]),
}
const missingNumber: Readonly<Partial<Record<FixedDatatype, number>>> = {
  FP16: toHalf(Number.NaN),
  BF16: toBrain(Number.NaN),
  FP32: Number.NaN,
  FP64: Number.NaN,
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A tensor from its data in JSON: a flat array, or arrays nested as the shape says; null is a missing element, true and false are
 * also the numbers 1 and 0. Whole numbers of 64 bits that JSON numbers do not carry come as bigint, and the elements of a large
 * flat array may come as `JsonNumbers`.
 * @throws TruelineError `invalid_request` when the data are not those of the shape and datatype
 */
export function tensorFromJson(name: string, datatype: Datatype, shape: readonly number[], data: unknown): Tensor {
  const length = elementsOf(shape, name)
  const flat = isFlat(data, shape) ? data : allAtOnce(flatten(name, data, shape))
  const { read, tensor } = readerOf(name, datatype, shape, length, flat)
  read(0, length)
  return tensor()
}

/** As `tensorFromJson`, in steps. */
export function* tensorFromJsonInSteps(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  data: unknown,
): Steps<Tensor> {
  const length = elementsOf(shape, name)
  const flat = isFlat(data, shape) ? data : yield* flatten(name, data, shape)
  const { read, tensor } = readerOf(name, datatype, shape, length, flat)
  for (let from = 0; from < length; from += ELEMENTS_OF_STEP) {
    read(from, Math.min(from + ELEMENTS_OF_STEP, length))
    yield
  }
  return tensor()
}

/** Reads elements, some at a time, and then gives their tensor. */
function readerOf(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  length: number,
  flat: Elements,
): { read(from: number, until: number): void; tensor(): Tensor } {
  if (flat.length !== length)
    throw invalid(name, `has ${flat.length} values where the shape [${shape.join(', ')}] takes ${length}`)
  let missing: Uint8Array | undefined
  const miss = (index: number): void => {
    missing ??= new Uint8Array(length)
    missing[index] = 1
  }
  const texts: Uint8Array[] = []
  const data = datatype === 'BYTES' ? texts : emptyData(datatype, length)
  return {
    read(from, until) {
      if (datatype === 'BYTES') readTexts(name, flat, from, until, texts, miss)
      else readElements(name, datatype, flat, from, until, data as { [index: number]: number | bigint }, miss)
    },
    tensor: () => ({ name, datatype, shape, data, ...(missing === undefined ? {} : { missing }) }) as Tensor,
  }
}

function readElements(
  name: string,
  datatype: FixedDatatype,
  flat: Elements,
  from: number,
  until: number,
  data: { [index: number]: number | bigint },
  miss: (index: number) => void,
): void {
  const read = elements[datatype]
  const absent = missingNumber[datatype]
  for (let index = from; index < until; index += 1) {
    const value = flat instanceof JsonNumbers ? flat.at(index) : flat[index]
    if (value === null) {
      miss(index)
      if (absent !== undefined) data[index] = absent
      continue
    }
    const element = read(typeof value === 'boolean' ? Number(value) : value)
    if (element === undefined) throw invalid(`${name}[${index}]`, `is no ${datatype}`)
    data[index] = element
  }
}

function readTexts(
  name: string,
  flat: Elements,
  from: number,
  until: number,
  texts: Uint8Array[],
  miss: (index: number) => void,
): void {
  // Of those that are read at once: one that comes often takes the memory of few.
  const known = new Map<string, Uint8Array>()
  for (let index = from; index < until; index += 1) {
    const value = flat instanceof JsonNumbers ? flat.at(index) : flat[index]
    if (value === null) miss(index)
    else if (typeof value !== 'string' || !value.isWellFormed()) throw invalid(`${name}[${index}]`, 'is no text')
    const text = value ?? ''
    let bytes = known.get(text)
    if (bytes === undefined) {
      bytes = encoder.encode(text)
      known.set(text, bytes)
    }
    texts.push(bytes)
  }
}

function isFlat(data: unknown, shape: readonly number[]): data is Elements {
  return data instanceof JsonNumbers || (Array.isArray(data) && (shape.length < 2 || !Array.isArray(data[0])))
}

/** Nested data are walked as deep as the shape is, whatever they hold. */
function* flatten(name: string, data: unknown, shape: readonly number[]): Steps<readonly unknown[]> {
  if (!Array.isArray(data)) throw invalid(name, 'has no array of data')
  let level = data as readonly unknown[]
  for (const size of shape.slice(1)) {
    const next: unknown[] = []
    let stepEnds = ELEMENTS_OF_STEP
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== size)
        throw invalid(name, `has data that are not nested as the shape [${shape.join(', ')}] says`)
      for (const value of part) next.push(value)
      if (next.length < stepEnds) continue
      stepEnds = next.length + ELEMENTS_OF_STEP
      yield
    }
    level = next
  }
  return level
}

/**
 * The elements of a tensor as the text of a flat JSON array; what JSON has no number for is null.
 * @throws TruelineError `invalid_request` for BYTES that are no text
 */
export function jsonOfTensor(tensor: Tensor): string {
  return `[${jsonOfElements(tensor, 0, tensor.data.length)}]`
}

/** Some of the elements of a tensor as JSON, with commas between them; throws as `jsonOfTensor` does. */
export function jsonOfElements({ name, datatype, data, missing }: Tensor, from: number, until: number): string {
  const texts: string[] = []
  // Many elements of a column of few texts are the same bytes.
  const known = new Map<Uint8Array, string>()
  const textOnce = (bytes: Uint8Array): string => {
    const text = known.get(bytes) ?? textOf(name, bytes)
    known.set(bytes, text)
    return text
  }
  for (let index = from; index < until; index += 1) {
    const value = data[index] as number | bigint | Uint8Array
    if (missing?.[index] === 1) texts.push('null')
    else texts.push(value instanceof Uint8Array ? textOnce(value) : jsonOfNumber(datatype, value))
  }
  return texts.join(',')
}

function jsonOfNumber(datatype: Datatype, value: number | bigint): string {
  if (typeof value === 'bigint') return String(value)
  const number = datatype === 'FP16' ? fromHalf(value) : datatype === 'BF16' ? fromBrain(value) : value
  if (datatype === 'BOOL') return number === 1 ? 'true' : 'false'
  return Number.isFinite(number) ? String(number) : 'null'
}

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return JSON.stringify(decoder.decode(bytes))
  } catch (cause) {
    throw new TruelineError('invalid_request', `${name} holds bytes that are no text in UTF-8.`, {
      ...{ path: name, cause },
      remedy: 'Ask for the output as binary data.',
    })
  }
}

function wholeIn(least: number, most: number): ReadElement {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

function longIn(least: bigint, most: bigint): ReadElement {
  return (value) => {
    if (typeof value === 'number' && Number.isSafeInteger(value))
      return value < 0 && least === 0n ? undefined : BigInt(value)
    return typeof value === 'bigint' && value >= least && value <= most ? value : undefined
  }
}

/** @param store gives how a number is stored, and the number that this stands for */
function float(store: (value: number) => readonly [stored: number, number: number]): ReadElement {
  return (value) => {
    if (typeof value === 'bigint') return float(store)(Number(value))
    if (typeof value !== 'number') return undefined
    const [stored, number] = store(value)
    return Number.isFinite(number) ? stored : undefined
  }
}

function invalid(path: string, what: string): TruelineError {
  return new TruelineError('invalid_request', `${path} ${what}.`, { path })
}
