const FEWEST_SLOTS = 1024

/** A set of pairs of 32 bits, 8 bytes a slot, at most three quarters full. */
export class PairSet {
  #slots = new Uint32Array(2 * FEWEST_SLOTS)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a pair; whether it was not there. */
  add(first: number, second: number): boolean {
    // Two zeros mark a free slot.
    const marked = first === 0 && second === 0 ? 1 : second
    if (!insert(this.#slots, first, marked)) return false
    this.#size += 1
    if (this.#size * 8 > this.#slots.length * 3) this.#grow()
    return true
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += 2)
      if (before[at] !== 0 || before[at + 1] !== 0) insert(this.#slots, before[at]!, before[at + 1]!)
  }
}

function insert(slots: Uint32Array, first: number, second: number): boolean {
  const mask = slots.length / 2 - 1
  let slot = (second ^ Math.imul(first, 0x9e3779b1)) & mask
  for (;;) {
    const at = slot * 2
    if (slots[at] === 0 && slots[at + 1] === 0) {
      slots[at] = first
      slots[at + 1] = second
      return true
    }
    if (slots[at] === first && slots[at + 1] === second) return false
    slot = (slot + 1) & mask
  }
}
