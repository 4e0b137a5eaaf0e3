/** What an id is to those seen before. */
export type Seen = 'new' | 'duplicate' | 'conflict'

const SMALLEST_CAPACITY = 1024

/** A slot is three doubles, read as words where it holds hashes: so that one line of the cache has mostly all of it. */
const DOUBLES = 3
const WORDS = 6
/** Place of the event time among the doubles of a slot; NaN marks a free one. */
const TIME = 2

/**
 * Ids of a stream's events with a hash of their content, for as long as a redelivery may still be accepted. Ids and
 * contents are kept as 64-bit hashes in a flat array: 24 bytes a slot, at most half of the slots used. Two ids with the
 * same hash would be a false conflict, which is recorded as a dead letter; among 10 million ids the chance is 3 in a
 * million.
 */
export class DedupeIndex {
  readonly #within: number
  #capacity = SMALLEST_CAPACITY
  #used = 0
  #doubles = emptySlots(SMALLEST_CAPACITY)
  #words = new Uint32Array(this.#doubles.buffer)

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
    const oldest = knownAt - this.#within
    let slot = this.#slotOf(low, high)
    const before = this.#doubles[slot * DOUBLES + TIME]!
    if (before >= oldest) {
      const words = this.#words
      const isSame = words[slot * WORDS + 2] === contentLow && words[slot * WORDS + 3] === contentHigh
      return isSame ? 'duplicate' : 'conflict'
    }
    if (Number.isNaN(before)) {
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
    const doubles = this.#doubles
    const words = this.#words
    const mask = this.#capacity - 1
    let slot = idLow & mask
    while (!Number.isNaN(doubles[slot * DOUBLES + TIME]!)) {
      if (words[slot * WORDS] === idLow && words[slot * WORDS + 1] === idHigh) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #fill(slot: number, idLow: number, idHigh: number, contentLow: number, contentHigh: number, eventTime: number): void {
    const words = this.#words
    words[slot * WORDS] = idLow
    words[slot * WORDS + 1] = idHigh
    words[slot * WORDS + 2] = contentLow
    words[slot * WORDS + 3] = contentHigh
    this.#doubles[slot * DOUBLES + TIME] = eventTime
  }

  /** Moves what is not too old into four times its room: so the next rebuild is at least as many ids away. */
  #rebuild(oldest: number): void {
    const doubles = this.#doubles
    const words = this.#words
    const isKept = (slot: number) => doubles[slot * DOUBLES + TIME]! >= oldest
    let kept = 0
    for (let slot = 0; slot < this.#capacity; slot += 1) if (isKept(slot)) kept += 1
    const slots = this.#capacity
    this.#used = kept
    this.#capacity = Math.max(SMALLEST_CAPACITY, 2 ** Math.ceil(Math.log2((kept + 1) * 4)))
    this.#doubles = emptySlots(this.#capacity)
    this.#words = new Uint32Array(this.#doubles.buffer)
    for (let slot = 0; slot < slots; slot += 1) {
      if (!isKept(slot)) continue
      const [idLow, idHigh] = [words[slot * WORDS]!, words[slot * WORDS + 1]!]
      const [contentLow, contentHigh] = [words[slot * WORDS + 2]!, words[slot * WORDS + 3]!]
      const eventTime = doubles[slot * DOUBLES + TIME]!
      this.#fill(this.#slotOf(idLow, idHigh), idLow, idHigh, contentLow, contentHigh, eventTime)
    }
  }
}

function emptySlots(capacity: number): Float64Array<ArrayBuffer> {
  return new Float64Array(capacity * DOUBLES).fill(Number.NaN)
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
