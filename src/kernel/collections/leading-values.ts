type Order = (left: number, right: number) => number

/**
 * The first of a set of values in an order that changes as they do. It is kept up while values come nearer to the front,
 * and found anew, when it is asked for, once one of the first fell back.
 */
export class LeadingValues {
  readonly #order: Order
  readonly #places: number
  #values: number[] | undefined

  /** @param places how many are kept */
  constructor(order: Order, places: number) {
    this.#order = order
    this.#places = places
  }

  /**
   * The value of a place, counted from 1; NaN when there are fewer.
   * @param all the values of the set
   */
  at(nth: number, all: Iterable<number>): number {
    if (this.#values === undefined) {
      this.#values = []
      for (const value of all) this.#put(this.#values, value)
    }
    return this.#values[nth - 1] ?? Number.NaN
  }

  clear(): void {
    this.#values = undefined
  }

  /** Takes note of a value that is new, or nearer to the front than before. */
  rise(value: number): void {
    if (this.#values === undefined) return
    const place = this.#values.indexOf(value)
    if (place !== -1) this.#values.splice(place, 1)
    this.#put(this.#values, value)
  }

  /** Takes note of a value that is gone, or farther from the front than before. */
  fall(value: number): void {
    if (this.#values?.includes(value) === true) this.#values = undefined
  }

  #put(values: number[], value: number): void {
    let place = values.length
    if (place === this.#places && this.#order(values[place - 1] as number, value) <= 0) return
    while (place > 0 && this.#order(values[place - 1] as number, value) > 0) place -= 1
    values.splice(place, 0, value)
    if (values.length > this.#places) values.pop()
  }
}
