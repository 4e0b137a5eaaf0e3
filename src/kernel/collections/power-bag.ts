import { type Expansion, growByProduct, growExpansion } from '../../core/math/expansion.ts'
import type { CentralMoments } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'

/** Powers of values up to 2^200 with 53 bits that are no smaller than 2^-200: whole multiples of the unit's power. */
const UNIT_EXPONENT = -252
const BYTES_PER_PART = 8
const BYTES_OF_OBJECTS = 300
/** The fourth power of a whole number up to this one is a double without rounding. */
const WHOLE_FOURTH = 8192

/** Exact sums of the first four powers of values. */
export class PowerBag implements Bag, CentralMoments {
  #count = 0
  /** Values that are not small whole numbers: while there is none, neither are the sums in units. */
  #others = 0
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

  clear(): void {
    this.#count = 0
    this.#others = 0
    for (const sum of this.#sums) sum.length = 0
  }

  merge(other: PowerBag): void {
    this.#count += other.#count
    this.#others += other.#others
    for (const [power, sum] of this.#sums.entries())
      for (const part of other.#sums[power] as Expansion) growExpansion(sum, part)
  }

  write(to: StateWriter): void {
    to.number(this.#count)
    to.number(this.#others)
    for (const sum of this.#sums) to.list(Float64Array.from(sum))
  }

  read(from: StateReader): void {
    this.clear()
    this.#count = from.number()
    this.#others = from.number()
    for (const sum of this.#sums) sum.push(...from.list())
  }

  #change(value: number, sign: 1 | -1): void {
    const [first, second, third, fourth] = this.#sums
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
    const square: Expansion = []
    growByProduct(square, value, value)
    for (const part of square) {
      growExpansion(second, sign * part)
      growByProduct(third, sign * part, value)
      for (const other of square) growByProduct(fourth, sign * part, other)
    }
  }

  /** The sums of the powers, each in the unit's own power; all units are 1 while all values are small whole numbers. */
  #whole(): readonly [bigint, bigint, bigint, bigint] {
    const exponent = this.#others === 0 ? 0 : UNIT_EXPONENT
    const [first, second, third, fourth] = this.#sums
    return [
      wholeOf(first, exponent),
      wholeOf(second, 2 * exponent),
      wholeOf(third, 3 * exponent),
      wholeOf(fourth, 4 * exponent),
    ]
  }
}

/** An expansion as a whole multiple of 2^exponent. */
function wholeOf(expansion: Expansion, exponent: number): bigint {
  let whole = 0n
  for (const part of expansion) {
    // A double is a whole number after at most 1074 doublings; a step at a time keeps it inside its range.
    let scaled = part
    let shift = -exponent
    while (shift > 0 && !Number.isInteger(scaled)) {
      const step = Math.min(shift, 64)
      scaled *= 2 ** step
      shift -= step
    }
    whole += BigInt(scaled) << BigInt(shift)
  }
  return whole
}
