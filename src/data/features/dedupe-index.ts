/** What an id is to those seen before. */
export type Seen = 'new' | 'duplicate' | 'conflict'

const SMALLEST_CAPACITY = 1024

/**
 * Ids of a stream's events with a hash of their content, for as long as a redelivery may still be accepted. Ids and
 * contents are kept as 64-bit hashes in flat arrays: 24 bytes a slot, at most half of the slots used. Two ids with the
 * same hash would be a false conflict, which is recorded as a dead letter; among 10 million ids the chance is 3 in a
 * million.
 */
export class DedupeIndex {
  readonly #within: number
  #capacity = SMALLEST_CAPACITY
  #used = 0
  /** Four words a slot: two of the id's hash, two of the content's. */
  #words = new Uint32Array(SMALLEST_CAPACITY * 4)
  /** NaN marks a free slot. */
  #eventTimes = new Float64Array(SMALLEST_CAPACITY).fill(Number.NaN)

  /** @param within how long after its event time an event may come, microseconds */
  constructor(within: number) {
    this.#within = within
  }

  /**
   * Says whether an event is new, and remembers it when it is.
   * @param knownAt of the event, microseconds: what happened more than `within` before it is forgotten
   */
  add(id: string, content: string, eventTime: number, knownAt: number): Seen {
    hash(content)
    const contentLow = low
    const contentHigh = high
    hash(id)
    const words = this.#words
    const oldest = knownAt - this.#within
    let slot = this.#slotOf(low, high)
    if (this.#eventTimes[slot]! >= oldest)
      return words[slot * 4 + 2] === contentLow && words[slot * 4 + 3] === contentHigh ? 'duplicate' : 'conflict'
    if (Number.isNaN(this.#eventTimes[slot]!)) {
      if (this.#used * 2 >= this.#capacity) {
        this.#rebuild(oldest)
        slot = this.#slotOf(low, high)
      }
      this.#used += 1
    }
    this.#fill(slot, low, high, contentLow, contentHigh, eventTime)
    return 'new'
  }

  /** The slot of an id's hash, or the free one where it belongs. */
  #slotOf(idLow: number, idHigh: number): number {
    const mask = this.#capacity - 1
    let slot = idLow & mask
    while (!Number.isNaN(this.#eventTimes[slot]!)) {
      if (this.#words[slot * 4] === idLow && this.#words[slot * 4 + 1] === idHigh) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #fill(slot: number, idLow: number, idHigh: number, contentLow: number, contentHigh: number, eventTime: number): void {
    this.#words[slot * 4] = idLow
    this.#words[slot * 4 + 1] = idHigh
    this.#words[slot * 4 + 2] = contentLow
    this.#words[slot * 4 + 3] = contentHigh
    this.#eventTimes[slot] = eventTime
  }

  /** Moves what is not too old into arrays four times its size: so the next rebuild is at least as many ids away. */
  #rebuild(oldest: number): void {
    const words = this.#words
    const eventTimes = this.#eventTimes
    this.#used = eventTimes.reduce((count, time) => (time >= oldest ? count + 1 : count), 0)
    this.#capacity = Math.max(SMALLEST_CAPACITY, 2 ** Math.ceil(Math.log2((this.#used + 1) * 4)))
    this.#words = new Uint32Array(this.#capacity * 4)
    this.#eventTimes = new Float64Array(this.#capacity).fill(Number.NaN)
    for (let old = 0; old < eventTimes.length; old += 1) {
      if (!(eventTimes[old]! >= oldest)) continue
      const idLow = words[old * 4]!
      const idHigh = words[old * 4 + 1]!
      this.#fill(this.#slotOf(idLow, idHigh), idLow, idHigh, words[old * 4 + 2]!, words[old * 4 + 3]!, eventTimes[old]!)
    }
  }
}

/** The two words of the last hash: returned this way so that no object is made for each. */
let low = 0
let high = 0

/** Two 32-bit lanes over UTF-16 code units, mixed at the end. Source: bryc, "cyrb53", with all 64 bits kept. */
function hash(text: string): void {
  let first = 0xdeadbeef
  let second = 0x41c6ce57
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    first = Math.imul(first ^ unit, 0x9e3779b1)
    second = Math.imul(second ^ unit, 0x5f356495)
  }
  first = Math.imul(first ^ (first >>> 16), 0x85ebca6b) ^ Math.imul(second ^ (second >>> 13), 0xc2b2ae35)
  second = Math.imul(second ^ (second >>> 16), 0x85ebca6b) ^ Math.imul(first ^ (first >>> 13), 0xc2b2ae35)
  low = first >>> 0
  high = second >>> 0
}
