const SLOTS = 16_384
/** Values kept: half of the slots, so that looking one up takes a step or two. */
const MOST_VALUES = SLOTS / 2

/**
 * Counts how often each number comes. Up to 8,192 different ones the counts are exact; beyond, those that came least are
 * dropped, and no count is short by more than `dropped`: what is frequent stays. After "lossy counting" (G. Manku,
 * R. Motwani, "Approximate Frequency Counts over Data Streams", 2002).
 */
export class NumberCounter {
  #values = new Float64Array(SLOTS)
  #counts = new Float64Array(SLOTS)
  #size = 0
  /** By how much a count may be short. */
  dropped = 0

  get size(): number {
    return this.#size
  }

  /**
   * Counts a number.
   * @param hash 32 bits, of the number
   * @returns whether it was not known
   */
  add(value: number, hash: number): boolean {
    let slot = hash & (SLOTS - 1)
    while (this.#counts[slot] !== 0) {
      if (this.#values[slot] === value) {
        this.#counts[slot]! += 1
        return false
      }
      slot = (slot + 1) & (SLOTS - 1)
    }
    this.#values[slot] = value
    this.#counts[slot] = 1
    this.#size += 1
    return true
  }

  /** Whether values have to be dropped before another may come. */
  get isFull(): boolean {
    return this.#size >= MOST_VALUES
  }

  /** Drops the half that came least. @param hashOf gives 32 bits of a number */
  prune(hashOf: (value: number) => number): void {
    const entries = [...this.entries()]
    const threshold = entries.map(([, count]) => count).sort((a, b) => a - b)[entries.length >> 1]!
    this.dropped += threshold
    this.#values = new Float64Array(SLOTS)
    this.#counts = new Float64Array(SLOTS)
    this.#size = 0
    for (const [value, count] of entries) {
      if (count <= threshold) continue
      let slot = hashOf(value) & (SLOTS - 1)
      while (this.#counts[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
      this.#values[slot] = value
      this.#counts[slot] = count
      this.#size += 1
    }
  }

  *entries(): Generator<readonly [value: number, count: number]> {
    for (let slot = 0; slot < SLOTS; slot += 1)
      if (this.#counts[slot] !== 0) yield [this.#values[slot]!, this.#counts[slot]!]
  }
}
