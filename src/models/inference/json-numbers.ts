/**
 * Numbers of a large array in JSON, in their order, outside the garbage collector's heap: as elements of an array the millions of a
 * large request would be copied and marked while others wait to be served.
 */
export class JsonNumbers {
  readonly #pieces: Float64Array[] = []
  /** Where each piece begins. */
  readonly #starts: number[] = []
  #length = 0
  #last = 0

  get length(): number {
    return this.#length
  }

  /**
   * Takes elements of JSON: numbers, and with them true and false, which are 1 and 0 here, and null.
   * @returns false, and takes none, where one is something else
   */
  add(elements: readonly unknown[]): boolean {
    const piece = new Float64Array(elements.length)
    for (let index = 0; index < elements.length; index += 1) {
      const value = elements[index]
      // JSON has no NaN, which stands for null.
      if (typeof value === 'number') piece[index] = value
      else if (value === null) piece[index] = Number.NaN
      else if (typeof value === 'boolean') piece[index] = Number(value)
      else return false
    }
    this.#pieces.push(piece)
    this.#starts.push(this.#length)
    this.#length += piece.length
    return true
  }

  /** An element by its place, which exists; quick for elements in their order. */
  at(index: number): number | null {
    let piece = this.#pieces[this.#last]!
    let place = index - this.#starts[this.#last]!
    if (place < 0 || place >= piece.length) {
      this.#last = this.#starts.findLastIndex((start) => start <= index)
      piece = this.#pieces[this.#last]!
      place = index - this.#starts[this.#last]!
    }
    const value = piece[place]!
    return Number.isNaN(value) ? null : value
  }

  /** All of them, as elements of an array. */
  toArray(): (number | null)[] {
    return this.#pieces.flatMap((piece) => Array.from(piece, (value) => (Number.isNaN(value) ? null : value)))
  }
}
