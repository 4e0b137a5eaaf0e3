const SLOTS = 4096
/** Values kept: half of the slots, so that looking one up takes a step or two. */
const MOST_VALUES = SLOTS / 2
/** Once values had to be dropped, one of so many that are not known is taken in. */
const ADMITTED = 64

/**
 * Counts how often each number comes. Up to 2,048 different ones the counts are exact. Beyond, those that came least are
 * dropped, and only some of the new ones are taken in: what is frequent is found early and counted from then on, and no
 * column of a million different values is slowed down by them. After "sticky sampling" (G. Manku, R. Motwani, "Approximate
 * Frequency Counts over Data Streams", 2002).
 */
export class NumberCounter {
  #values = new Float64Array(SLOTS)
  #counts = new Float64Array(SLOTS)
  /** Where the values go when some are dropped; the two take turns. */
  #spare: { readonly values: Float64Array<ArrayBuffer>; readonly counts: Float64Array<ArrayBuffer> } | undefined
  #size = 0
  #passed = 0
  #isExact = true

  /** How many different values are known. */
  get size(): number {
    return this.#size
  }

  /** Whether every value was counted each time. */
  get isExact(): boolean {
    return this.#isExact
  }

  /**
   * Counts a number.
   * @param hash 32 bits, of the number
   * @returns whether it was not known
   */
  add(value: number, hash: number): boolean {
    const values = this.#values
    const counts = this.#counts
    let slot = hash & (SLOTS - 1)
    while (counts[slot] !== 0) {
      if (values[slot] === value) {
        counts[slot]! += 1
        return false
      }
      slot = (slot + 1) & (SLOTS - 1)
    }
    if (!this.#isExact) {
      this.#passed += 1
      if (this.#passed % ADMITTED !== 0) return true
    }
    values[slot] = value
    counts[slot] = 1
    this.#size += 1
    return true
  }

  /** Whether values have to be dropped before another may come. */
  get isFull(): boolean {
    return this.#size >= MOST_VALUES
  }

  /** Drops the half that came least. @param hashOf gives 32 bits of a number */
  prune(hashOf: (value: number) => number): void {
    const { values, counts } = this.#spare ?? { values: new Float64Array(SLOTS), counts: new Float64Array(SLOTS) }
    const threshold = this.#counts.slice().sort()[SLOTS - (MOST_VALUES >> 1)]!
    this.#isExact = false
    this.#size = 0
    values.fill(0)
    counts.fill(0)
    for (let from = 0; from < SLOTS; from += 1) {
      const count = this.#counts[from]!
      if (count <= threshold) continue
      const value = this.#values[from]!
      let slot = hashOf(value) & (SLOTS - 1)
      while (counts[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
      values[slot] = value
      counts[slot] = count
      this.#size += 1
    }
    this.#spare = { values: this.#values, counts: this.#counts }
    this.#values = values
    this.#counts = counts
  }

  *entries(): Generator<readonly [value: number, count: number]> {
    for (let slot = 0; slot < SLOTS; slot += 1)
      if (this.#counts[slot] !== 0) yield [this.#values[slot]!, this.#counts[slot]!]
  }
}
