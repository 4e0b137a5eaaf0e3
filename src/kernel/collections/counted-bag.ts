import type { CountedValues } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'
import { LeadingValues } from './leading-values.ts'

/** About what a Map takes for an entry. */
const BYTES_PER_VALUE = 40

/** Different values with how many rows have each. */
export class CountedBag implements Bag, CountedValues {
  readonly #rows = new Map<number, number>()
  readonly #order: (left: number, right: number) => number
  readonly #frequent: LeadingValues
  readonly #ordered: LeadingValues

  /**
   * @param order of the values
   * @param places how many are asked for at most
   */
  constructor(order: (left: number, right: number) => number, places: number) {
    this.#order = order
    this.#frequent = new LeadingValues(
      (left, right) => this.rowsWith(right) - this.rowsWith(left) || order(left, right),
      places,
    )
    this.#ordered = new LeadingValues(order, places)
  }

  get byteLength(): number {
    return this.#rows.size * BYTES_PER_VALUE
  }

  rowsWith(value: number): number {
    return this.#rows.get(value) ?? 0
  }

  mostFrequent(nth: number): number {
    return this.#frequent.at(nth, this.#rows.keys())
  }

  inOrder(nth: number): number {
    return this.#ordered.at(nth, this.#rows.keys())
  }

  add(value: number): void {
    this.#change(value, 1)
  }

  remove(value: number): void {
    this.#change(value, -1)
  }

  has(value: number): boolean {
    return this.#rows.has(value)
  }

  trim(places: number): boolean {
    if (this.#rows.size <= places) return false
    const beyond = [...this.#rows.keys()].sort(this.#order).slice(places)
    for (const value of beyond) this.#rows.delete(value)
    this.#frequent.clear()
    this.#ordered.clear()
    return true
  }

  clear(): void {
    this.#rows.clear()
    this.#frequent.clear()
    this.#ordered.clear()
  }

  merge(other: CountedBag): void {
    for (const [value, rows] of other.#rows) this.#change(value, rows)
  }

  write(to: StateWriter): void {
    to.list(Float64Array.from(this.#rows.keys()))
    to.numbers(Float64Array.from(this.#rows.values()))
  }

  read(from: StateReader): void {
    this.clear()
    const values = from.list()
    const rows = from.numbers(values.length)
    for (const [index, value] of values.entries()) this.#rows.set(value, rows[index] as number)
  }

  #change(value: number, by: number): void {
    const before = this.#rows.get(value) ?? 0
    if (before + by === 0) this.#rows.delete(value)
    else this.#rows.set(value, before + by)
    if (by > 0) this.#frequent.rise(value)
    else this.#frequent.fall(value)
    if (before === 0) this.#ordered.rise(value)
    else if (before + by === 0) this.#ordered.fall(value)
  }
}
