import type { SortedValues } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'

const SMALLEST_CAPACITY = 8

/** Values in ascending order: each different one once, with how often it came. */
export class SortedBag implements Bag, SortedValues {
  #values = new Float64Array(SMALLEST_CAPACITY)
  #times = new Float64Array(SMALLEST_CAPACITY)
  #length = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  get byteLength(): number {
    return this.#values.byteLength + this.#times.byteLength
  }

  at(rank: number): number {
    // From whichever end is nearer.
    if (rank * 2 < this.#count) {
      let index = 0
      for (let left = rank - (this.#times[0] as number); left >= 0; left -= this.#times[index] as number) index += 1
      return this.#values[index] as number
    }
    let index = this.#length - 1
    for (
      let left = this.#count - 1 - rank - (this.#times[index] as number);
      left >= 0;
      left -= this.#times[index] as number
    )
      index -= 1
    return this.#values[index] as number
  }

  add(value: number): void {
    this.#addTimes(value, 1)
  }

  remove(value: number): void {
    const index = this.#indexOf(value)
    this.#count -= 1
    if ((this.#times[index] as number) > 1) {
      this.#times[index] = (this.#times[index] as number) - 1
      return
    }
    this.#values.copyWithin(index, index + 1, this.#length)
    this.#times.copyWithin(index, index + 1, this.#length)
    this.#length -= 1
  }

  has(value: number): boolean {
    const index = this.#indexOf(value)
    return index < this.#length && this.#values[index] === value
  }

  trim(places: number): boolean {
    // Whole values: a few more are kept than there are places.
    let [first, fromStart] = [0, 0]
    while (first < this.#length && fromStart < places) fromStart += this.#times[first++] as number
    let [last, fromEnd] = [this.#length, 0]
    while (last > first && fromEnd < places) fromEnd += this.#times[--last] as number
    if (last === first) return false
    this.#values.copyWithin(first, last, this.#length)
    this.#times.copyWithin(first, last, this.#length)
    this.#length -= last - first
    this.#count = fromStart + fromEnd
    return true
  }

  clear(): void {
    this.#length = 0
    this.#count = 0
  }

  merge(other: SortedBag): void {
    for (let index = 0; index < other.#length; index++)
      this.#addTimes(other.#values[index] as number, other.#times[index] as number)
  }

  write(to: StateWriter): void {
    to.list(this.#values.subarray(0, this.#length))
    to.numbers(this.#times.subarray(0, this.#length))
  }

  read(from: StateReader): void {
    this.#values = from.list().slice()
    this.#length = this.#values.length
    this.#times = from.numbers(this.#length).slice()
    this.#count = this.#times.reduce((sum, times) => sum + times, 0)
  }

  #addTimes(value: number, times: number): void {
    const index = this.#indexOf(value)
    this.#count += times
    if (index < this.#length && this.#values[index] === value) {
      this.#times[index] = (this.#times[index] as number) + times
      return
    }
    if (this.#length === this.#values.length) this.#grow()
    this.#values.copyWithin(index + 1, index, this.#length)
    this.#times.copyWithin(index + 1, index, this.#length)
    this.#values[index] = value
    this.#times[index] = times
    this.#length += 1
  }

  /** Of the first value that is not smaller. */
  #indexOf(value: number): number {
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#values[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }

  #grow(): void {
    const capacity = Math.max(SMALLEST_CAPACITY, this.#length * 2)
    const values = new Float64Array(capacity)
    const times = new Float64Array(capacity)
    values.set(this.#values)
    times.set(this.#times)
    this.#values = values
    this.#times = times
  }
}
