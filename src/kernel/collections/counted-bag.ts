import type { CountedValues } from '../../language/aggregate/collection.ts'
import type { StateReader, StateWriter } from '../state-words.ts'
import type { Bag } from './bag.ts'

/** About what a Map takes for an entry. */
const BYTES_PER_VALUE = 40

type Order = (left: number, right: number) => number

/** Different values with how many rows have each. */
export class CountedBag implements Bag, CountedValues {
  readonly #rows = new Map<number, number>()
  readonly #order: Order
  readonly #places: number
  /** The first values by number of rows and by their own order, as far as they are asked for; undefined when outdated. */
  #frequent: readonly number[] | undefined
  #ordered: readonly number[] | undefined

  /**
   * @param order of the values
   * @param places how many are asked for at most
   */
  constructor(order: Order, places: number) {
    this.#order = order
    this.#places = places
  }

  get byteLength(): number {
    return this.#rows.size * BYTES_PER_VALUE
  }

  rowsWith(value: number): number {
    return this.#rows.get(value) ?? 0
  }

  mostFrequent(nth: number): number {
    this.#frequent ??= this.#leading(
      (left, right) => this.rowsWith(right) - this.rowsWith(left) || this.#order(left, right),
    )
    return this.#frequent[nth - 1] ?? Number.NaN
  }

  inOrder(nth: number): number {
    this.#ordered ??= this.#leading(this.#order)
    return this.#ordered[nth - 1] ?? Number.NaN
  }

  add(value: number): void {
    this.#change(value, 1)
  }

  remove(value: number): void {
    this.#change(value, -1)
  }

  clear(): void {
    this.#rows.clear()
    this.#frequent = undefined
    this.#ordered = undefined
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
    this.#frequent = undefined
    if (before === 0 || before + by === 0) this.#ordered = undefined
  }

  #leading(order: Order): readonly number[] {
    const leading: number[] = []
    for (const value of this.#rows.keys()) {
      if (leading.length === this.#places && order(leading.at(-1) as number, value) <= 0) continue
      let place = leading.length
      while (place > 0 && order(leading[place - 1] as number, value) > 0) place -= 1
      leading.splice(place, 0, value)
      if (leading.length > this.#places) leading.pop()
    }
    return leading
  }
}
