import type { OrderedValues } from '../../language/aggregate/collection.ts'

/** Values of a lane in the rows of a window, in the order of events, with those that a lifetime keeps of earlier rows. */
export class OrderedView implements OrderedValues {
  #data: Float64Array = new Float64Array(0)
  #base = 0
  #tail = 0
  #head = 0
  #sealed: SealedEnds | undefined

  /** @param sealed what a lifetime keeps of rows that are held no longer */
  seal(sealed: SealedEnds | undefined): void {
    this.#sealed = sealed
  }

  /** Looks at rows [tail, head), whose values begin at `base`. */
  look(data: Float64Array, base: number, tail: number, head: number): void {
    this.#data = data
    this.#base = base
    this.#tail = tail
    this.#head = head
  }

  first(nth: number): number {
    const earlier = this.#sealed?.firsts ?? []
    if (nth <= earlier.length) return (earlier[nth - 1] as SealedValue).value
    let left = nth - earlier.length
    for (let row = this.#tail; row < this.#head; row++) {
      const value = this.#data[this.#base + row] as number
      if (!Number.isNaN(value) && --left === 0) return value
    }
    return Number.NaN
  }

  last(nth: number): number {
    let left = nth
    for (let row = this.#head - 1; row >= this.#tail; row--) {
      const value = this.#data[this.#base + row] as number
      if (!Number.isNaN(value) && --left === 0) return value
    }
    return this.#sealed?.lasts[left - 1]?.value ?? Number.NaN
  }
}

/** A value with where its row stands among those of its entity. */
export interface SealedValue {
  readonly time: number
  readonly sequence: number
  readonly id: string
  readonly value: number
}

/** The first and the last values of rows that are held no longer, each from its end inwards. */
export interface SealedEnds {
  readonly firsts: readonly SealedValue[]
  readonly lasts: readonly SealedValue[]
}
