const PARTS_BITS = 6
const FEWEST_SLOTS = 64

/**
 * A set of pairs of 32 bits, 8 bytes a slot, at most three quarters full. It grows a sixty-fourth at a time, so that no
 * moment needs room for two of it.
 */
export class PairSet {
  readonly #parts = Array.from({ length: 1 << PARTS_BITS }, () => new Uint32Array(2 * FEWEST_SLOTS))
  readonly #sizes = new Uint32Array(1 << PARTS_BITS)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** Adds a pair; whether it was not there. */
  add(first: number, second: number): boolean {
    // Two zeros mark a free slot.
    const marked = first === 0 && second === 0 ? 1 : second
    const part = first >>> (32 - PARTS_BITS)
    const slots = this.#parts[part]!
    if (!insert(slots, first, marked)) return false
    this.#size += 1
    this.#sizes[part]! += 1
    if (this.#sizes[part]! * 8 > slots.length * 3) this.#parts[part] = grown(slots)
    return true
  }
}

function grown(before: Uint32Array): Uint32Array<ArrayBuffer> {
  const slots = new Uint32Array(before.length * 2)
  for (let at = 0; at < before.length; at += 2)
    if (before[at] !== 0 || before[at + 1] !== 0) insert(slots, before[at]!, before[at + 1]!)
  return slots
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
