import { hashText } from '../../core/text-code.ts'
import { StateReader, StateWriter } from '../../kernel/state-words.ts'
import { type CountedRow, IdRevisions } from './id-revisions.ts'

/**
 * What a row is to those that came before with its id: the first, one that came before, one whose revision came with
 * other content, a higher revision than all, or one below the highest.
 */
export type Seen = 'new' | 'duplicate' | 'conflict' | 'correction' | 'superseded'

/** A row as the index knows it. */
export interface SeenRow {
  readonly id: string
  /** All that a redelivery has to repeat. */
  readonly content: string
  readonly revision: number
  readonly isTombstone: boolean
  /** Microseconds. */
  readonly eventTime: number
  readonly knownAt: number
  /** In the log. */
  readonly offset: number
}

const SMALLEST_CAPACITY = 1024
/** Slots that are written down at once: a fraction of a millisecond. */
const SLOTS_AT_ONCE = 4096

/** A slot is four doubles, the first two read as words: hashes of the id and of the content. Two slots fill a line of the cache. */
const DOUBLES = 4
const WORDS = 8
/** Place among a slot's doubles of the latest event time that a row of the id has had; NaN marks a free slot. */
const TIME = 2
/** Place of the offset of the id's only row, of revision 0; below 0 it stands for the id's revisions. */
const OFFSET = 3

const idHash = new Uint32Array(2)
const contentHash = new Uint32Array(2)

/**
 * Ids of a stream's events with a hash of their content and the offset of the row that counts, for as long as they live:
 * until `corrections.within` after the latest event time of their rows, when no row can come any more that repeats one of
 * them. Ids and contents are kept as 64-bit hashes in a flat array: 32 bytes a slot, at most half of the slots used; ids
 * with revisions have an object besides. Two ids with the same hash would be a false conflict, which is recorded as a
 * dead letter; among 10 million ids the chance is 3 in a million.
 */
export class DedupeIndex {
  readonly #within: number
  readonly #ahead: number
  #capacity = SMALLEST_CAPACITY
  #used = 0
  #doubles = emptySlots(SMALLEST_CAPACITY)
  #words = new Uint32Array(this.#doubles.buffer)
  readonly #revisions = new Map<number, IdRevisions>()
  #lastRevisions = 0

  /**
   * @param within how long after its event time an event may come, microseconds
   * @param ahead how far in the future an event time may lie
   */
  constructor(within: number, ahead: number) {
    this.#within = within
    this.#ahead = ahead
  }

  /** Says what a row is to those before, and remembers it unless it is refused or was there. Rows come as in the log. */
  add(row: SeenRow): Seen {
    hashText(row.content, contentHash)
    hashText(row.id, idHash)
    const [contentLow, contentHigh] = [contentHash[0]!, contentHash[1]!]
    const [idLow, idHigh] = [idHash[0]!, idHash[1]!]
    const oldest = row.knownAt - this.#within
    let slot = this.#slotOf(idLow, idHigh)
    const latest = this.#doubles[slot * DOUBLES + TIME]!
    if (latest >= oldest) return this.#addTo(slot, row, contentLow, contentHigh)
    if (Number.isNaN(latest)) {
      if (this.#used * 2 >= this.#capacity) {
        this.#rebuild(oldest)
        slot = this.#slotOf(idLow, idHigh)
      }
      this.#used += 1
    } else this.#revisions.delete(this.#doubles[slot * DOUBLES + OFFSET]!)
    this.#fill(slot, idLow, idHigh, contentLow, contentHigh)
    this.#doubles[slot * DOUBLES + TIME] = row.eventTime
    this.#doubles[slot * DOUBLES + OFFSET] = row.offset
    if (row.revision > 0) this.#keepRevisions(slot).add(row, contentLow, contentHigh)
    return 'new'
  }

  /** What `add` would say. */
  find(row: Pick<SeenRow, 'id' | 'content' | 'revision' | 'knownAt'>): Seen {
    hashText(row.content, contentHash)
    hashText(row.id, idHash)
    const [contentLow, contentHigh] = [contentHash[0]!, contentHash[1]!]
    const [idLow, idHigh] = [idHash[0]!, idHash[1]!]
    const slot = this.#slotOf(idLow, idHigh)
    if (!(this.#doubles[slot * DOUBLES + TIME]! >= row.knownAt - this.#within)) return 'new'
    return this.#seenAt(slot, row.revision, contentLow, contentHigh)
  }

  /** The row of an id that counts among those known at `knownAt`; undefined for an id that is not alive then. */
  counted(id: string, knownAt: number): CountedRow | undefined {
    hashText(id, idHash)
    const slot = this.#slotOf(idHash[0]!, idHash[1]!)
    if (!(this.#doubles[slot * DOUBLES + TIME]! >= knownAt - this.#within)) return undefined
    const offset = this.#doubles[slot * DOUBLES + OFFSET]!
    return offset < 0 ? this.#revisions.get(offset)!.counted : { revision: 0, isTombstone: false, offset }
  }

  /**
   * Writes all ids down as they were at an offset, a part at a time, while rows are added: when those after the offset
   * are added again to what was written, it is this index.
   * @param through the last offset now
   * @param knownAt of a row there: ids that are not alive then are left out
   */
  *write(through: number, knownAt: number): Generator<Float64Array> {
    // When they are moved into more room, these stay as they were.
    const doubles = this.#doubles
    const isKept = this.#keeperOf(doubles, knownAt - this.#within)
    for (let first = 0; first * DOUBLES < doubles.length; first += SLOTS_AT_ONCE) {
      const writer = new StateWriter()
      for (let slot = first; slot < first + SLOTS_AT_ONCE && slot * DOUBLES < doubles.length; slot += 1) {
        if (!isKept(slot)) continue
        const offset = doubles[slot * DOUBLES + OFFSET]!
        // An id that was dead may have begun anew; then its first life has no part in what comes of it.
        const begun = offset < 0 ? (this.#revisions.get(offset)?.firstOffset ?? Number.POSITIVE_INFINITY) : offset
        if (begun > through) continue
        writer.numbers(doubles.subarray(slot * DOUBLES, (slot + 1) * DOUBLES))
        if (offset < 0) this.#revisions.get(offset)!.write(writer, through)
      }
      yield writer.written
    }
  }

  /** Takes over what `write` gave, before any row is added. */
  read(parts: readonly Float64Array[]): void {
    const most = parts.reduce((sum, { length }) => sum + length / DOUBLES, 0)
    this.#resize(most)
    for (const part of parts) {
      const words = new Uint32Array(part.buffer, part.byteOffset, part.length * 2)
      const reader = new StateReader(part)
      for (let at = 0; !reader.isAtEnd; ) {
        const slot = this.#slotOf(words[at * 2]!, words[at * 2 + 1]!)
        const given = reader.numbers(DOUBLES)
        this.#doubles.set(given, slot * DOUBLES)
        if (given[OFFSET]! < 0) this.#keepRevisions(slot, IdRevisions.read(reader))
        this.#used += 1
        at = reader.at
      }
    }
  }

  /** What a row of an id that is alive is to those before. */
  #seenAt(slot: number, revision: number, contentLow: number, contentHigh: number): Seen {
    const offset = this.#doubles[slot * DOUBLES + OFFSET]!
    if (offset < 0) return this.#revisions.get(offset)!.find(revision, contentLow, contentHigh)
    if (revision > 0) return 'correction'
    const words = this.#words
    const isSame = words[slot * WORDS + 2] === contentLow && words[slot * WORDS + 3] === contentHigh
    return isSame ? 'duplicate' : 'conflict'
  }

  /** Takes one more row of an id that is alive. */
  #addTo(slot: number, row: SeenRow, contentLow: number, contentHigh: number): Seen {
    const seen = this.#seenAt(slot, row.revision, contentLow, contentHigh)
    if (seen !== 'correction' && seen !== 'superseded') return seen
    const doubles = this.#doubles
    const offset = doubles[slot * DOUBLES + OFFSET]!
    let revisions = this.#revisions.get(offset)
    if (revisions === undefined) {
      revisions = this.#keepRevisions(slot)
      const first = { revision: 0, isTombstone: false, offset }
      revisions.add(first, this.#words[slot * WORDS + 2]!, this.#words[slot * WORDS + 3]!)
    }
    revisions.add(row, contentLow, contentHigh)
    doubles[slot * DOUBLES + TIME] = Math.max(doubles[slot * DOUBLES + TIME]!, row.eventTime)
    return seen
  }

  #keepRevisions(slot: number, revisions = new IdRevisions()): IdRevisions {
    this.#lastRevisions -= 1
    this.#revisions.set(this.#lastRevisions, revisions)
    this.#doubles[slot * DOUBLES + OFFSET] = this.#lastRevisions
    return revisions
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

  #fill(slot: number, idLow: number, idHigh: number, contentLow: number, contentHigh: number): void {
    const words = this.#words
    words[slot * WORDS] = idLow
    words[slot * WORDS + 1] = idHigh
    words[slot * WORDS + 2] = contentLow
    words[slot * WORDS + 3] = contentHigh
  }

  /** Says which slots hold an id that is not too old. */
  #keeperOf(doubles: Float64Array, oldest: number): (slot: number) => boolean {
    const oldestRevised = oldest - this.#within - this.#ahead
    return (slot) => doubles[slot * DOUBLES + TIME]! >= (doubles[slot * DOUBLES + OFFSET]! < 0 ? oldestRevised : oldest)
  }

  /** Empties all slots, and makes four times as many as ids are to come. */
  #resize(ids: number): void {
    this.#capacity = Math.max(SMALLEST_CAPACITY, 2 ** Math.ceil(Math.log2((ids + 1) * 4)))
    this.#doubles = emptySlots(this.#capacity)
    this.#words = new Uint32Array(this.#doubles.buffer)
  }

  /**
   * Moves what is not too old into four times its room: so the next rebuild is at least as many ids away. Imported
   * history may go on with an id that no live row could name any more, and stay below the revision that counts.
   */
  #rebuild(oldest: number): void {
    const doubles = this.#doubles
    const words = this.#words
    const isKept = this.#keeperOf(doubles, oldest)
    let kept = 0
    for (let slot = 0; slot < this.#capacity; slot += 1) if (isKept(slot)) kept += 1
    const slots = this.#capacity
    this.#used = kept
    this.#resize(kept)
    for (let slot = 0; slot < slots; slot += 1) {
      const time = doubles[slot * DOUBLES + TIME]!
      const offset = doubles[slot * DOUBLES + OFFSET]!
      if (!isKept(slot)) {
        this.#revisions.delete(offset)
        continue
      }
      const [idLow, idHigh] = [words[slot * WORDS]!, words[slot * WORDS + 1]!]
      const to = this.#slotOf(idLow, idHigh)
      this.#fill(to, idLow, idHigh, words[slot * WORDS + 2]!, words[slot * WORDS + 3]!)
      this.#doubles[to * DOUBLES + TIME] = time
      this.#doubles[to * DOUBLES + OFFSET] = offset
    }
  }
}

function emptySlots(capacity: number): Float64Array<ArrayBuffer> {
  return new Float64Array(capacity * DOUBLES).fill(Number.NaN)
}
