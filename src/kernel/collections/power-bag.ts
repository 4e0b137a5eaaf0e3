import { type Expansion, growByProduct, growExpansion } from '../../core/math/expansion.ts'
import { highWord, powerOfTwo } from '../../core/math/float-bits.ts'
import type { CentralMoments } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'

/** The last bit of a double is this much below its first one. */
const LAST_BIT = 52
const EXPONENT_BIAS = 1023
/** A fraction can be multiplied by as much without leaving the range of doubles. */
const LARGEST_SHIFT = 512
const BYTES_PER_PART = 8
const BYTES_OF_OBJECTS = 300
/** The fourth power of a whole number up to this one is a double without rounding. */
const WHOLE_FOURTH = 8192

type Wholes = readonly [first: bigint, second: bigint, third: bigint, fourth: bigint]

/** Exact sums of the first four powers of values. */
export class PowerBag implements Bag, CentralMoments {
  #count = 0
  /** Values that are not small whole numbers: while there is none, the unit is one. */
  #others = 0
  /** All values that were ever added are whole multiples of two to this power. */
  #exponent = 0
  /** The sums as whole numbers; undefined when they changed since. */
  #wholes: Wholes | undefined
  readonly #sums: readonly [Expansion, Expansion, Expansion, Expansion] = [[], [], [], []]

  get byteLength(): number {
    return this.#sums.reduce((total, sum) => total + sum.length * BYTES_PER_PART, BYTES_OF_OBJECTS)
  }

  second(): bigint {
    const [first, second] = this.#whole()
    return BigInt(this.#count) * second - first * first
  }

  third(): bigint {
    const [first, second, third] = this.#whole()
    const count = BigInt(this.#count)
    return count * count * third - 3n * count * first * second + 2n * first ** 3n
  }

  fourth(): bigint {
    const [first, second, third, fourth] = this.#whole()
    const count = BigInt(this.#count)
    const square = first * first
    return (
      count ** 3n * fourth - 4n * count * count * first * third + 6n * count * square * second - 3n * square * square
    )
  }

  add(value: number): void {
    this.#change(value, 1)
  }

  remove(value: number): void {
    this.#change(value, -1)
  }

  /** Values are nowhere but in sums. */
  has(): boolean {
    return true
  }

  trim(): boolean {
    return false
  }

  clear(): void {
    this.#wholes = undefined
    this.#count = 0
    this.#others = 0
    this.#exponent = 0
    for (const sum of this.#sums) sum.length = 0
  }

  merge(other: PowerBag): void {
    this.#wholes = undefined
    this.#count += other.#count
    this.#others += other.#others
    this.#exponent = Math.min(this.#exponent, other.#exponent)
    for (const [power, sum] of this.#sums.entries())
      for (const part of other.#sums[power] as Expansion) growExpansion(sum, part)
  }

  write(to: StateWriter): void {
    to.number(this.#count)
    to.number(this.#others)
    to.number(this.#exponent)
    for (const sum of this.#sums) to.list(Float64Array.from(sum))
  }

  read(from: StateReader): void {
    this.clear()
    this.#count = from.number()
    this.#others = from.number()
    this.#exponent = from.number()
    for (const sum of this.#sums) sum.push(...from.list())
  }

  #change(value: number, sign: 1 | -1): void {
    const [first, second, third, fourth] = this.#sums
    this.#wholes = undefined
    this.#count += sign
    growExpansion(first, sign * value)
    if (Number.isInteger(value) && value <= WHOLE_FOURTH && value >= -WHOLE_FOURTH) {
      const square = value * value
      growExpansion(second, sign * square)
      growExpansion(third, sign * square * value)
      growExpansion(fourth, sign * square * square)
      return
    }
    this.#others += sign
    this.#exponent = Math.min(this.#exponent, ((highWord(value) >>> 20) & 0x7ff) - EXPONENT_BIAS - LAST_BIT)
    const square: Expansion = []
    growByProduct(square, value, value)
    for (const part of square) {
      growExpansion(second, sign * part)
      growByProduct(third, sign * part, value)
      for (const other of square) growByProduct(fourth, sign * part, other)
    }
  }

  /** The sums of the powers, each in the unit's own power. */
  #whole(): Wholes {
    const exponent = this.#others === 0 ? 0 : this.#exponent
    const [first, second, third, fourth] = this.#sums
    this.#wholes ??= [
      wholeOf(first, exponent),
      wholeOf(second, 2 * exponent),
      wholeOf(third, 3 * exponent),
      wholeOf(fourth, 4 * exponent),
    ]
    return this.#wholes
  }
}

/** An expansion as a whole multiple of 2^exponent. */
function wholeOf(expansion: Expansion, exponent: number): bigint {
  let whole = 0n
  for (const part of expansion) {
    let scaled = part
    let shift = -exponent
    while (shift > 0 && !Number.isInteger(scaled)) {
      const step = Math.min(shift, LARGEST_SHIFT)
      scaled *= powerOfTwo(step)
      shift -= step
    }
    whole += BigInt(scaled) << BigInt(shift)
  }
  return whole
}
