import {
  type EntityRecord,
  giveUpRecord,
  hashOfName,
  hashOfRecord,
  isHeldRecord,
  isNamed,
  lengthOfRecord,
  rowsOfRecord,
  rowsStartOfRecord,
  setRecordLength,
} from './entity-record.ts'
import type { RowsRoom } from './rows.ts'

/** Words of a chunk at most: 64 KiB, a fraction of a millisecond to fill. A longer record has a chunk of its own. */
export const CHUNK_WORDS = 8192
const FEWEST_WORDS = 512

/** A slot that was never used, and one whose record is gone; others hold an address, and that many more. */
const FREE = 0
const GONE = 1
const FIRST_ADDRESS = 2
const FEWEST_SLOTS = 1024

/** Of all words, one in so many may be of records that are gone or have moved. */
const PART_TO_WASTE = 8
const CHUNKS_AT_ONCE = 4

interface Chunk {
  readonly words: Float64Array
  readonly bytes: Uint8Array
}

const noChunk: Chunk = { words: new Float64Array(0), bytes: new Uint8Array(0) }

/** Where a record lies, until another one is looked for, appended or moved. */
export interface RecordPlace {
  words: Float64Array
  bytes: Uint8Array
  at: number
  chunk: number
  slot: number
}

/**
 * Entities as records in a few large arrays, found by the hash of their name: each takes its record and about ten bytes,
 * what is asked of one lies side by side, and a million of them are no work for the garbage collector. A record that
 * needs more room is written anew at the end; where much is left of those before, the others are moved together.
 */
export class PackedEntities {
  readonly #chunks: (Chunk | undefined)[] = []
  /** By chunk: words that have records, and those of them whose record is still held. */
  readonly #used: number[] = []
  readonly #held: number[] = []
  #slots = new Uint32Array(FEWEST_SLOTS)
  /** Slots that are not free, and those of them that hold an address. */
  #taken = 0
  #size = 0
  #words = 0
  #heldWords = 0
  #rows = 0
  /** Numbers of chunks that are gone, and the memory of some that is used again: new memory costs more. */
  readonly #spare: number[] = []
  readonly #spareWords: Float64Array[] = []
  /** The chunk that is appended to. */
  #open = -1
  #hasGrown = false
  readonly #place: RecordPlace = { words: new Float64Array(0), bytes: new Uint8Array(0), at: 0, chunk: -1, slot: -1 }

  get size(): number {
    return this.#size
  }

  /** Rows of all entities together. */
  get rows(): number {
    return this.#rows
  }

  get byteLength(): number {
    return (this.#words + this.#spareWords.length * CHUNK_WORDS) * 8 + this.#slots.byteLength
  }

  /** Chunks have the numbers below this one; some of them are gone. */
  get chunks(): number {
    return this.#chunks.length
  }

  /** Takes over chunks of records, of entities that are not here: the slots are made once for all of them. */
  takeAll(chunks: readonly Float64Array[]): void {
    let coming = 0
    for (const words of chunks) for (let at = 0; at < words.length; at += lengthOfRecord(words, at)) coming += 1
    if ((this.#taken + coming) * 2 > this.#slots.length) this.#rebuild(coming)
    for (const words of chunks) this.take(words)
  }

  /** Takes over a chunk of records, of entities that are not here; one longer than `CHUNK_WORDS` is a single record. */
  take(words: Float64Array): void {
    const index = this.#addChunk(words)
    for (let at = 0; at < words.length; at += lengthOfRecord(words, at)) this.#hold(index, at)
  }

  /** Appends the record of an entity that is not here. */
  append(record: EntityRecord): void {
    if (record.length > CHUNK_WORDS) {
      this.take(record.slice())
      return
    }
    const { words } = this.#openFor(record.length)
    const at = this.#used[this.#open] as number
    words.set(record, at)
    this.#hold(this.#open, at)
  }

  /** Where the record of an entity lies; undefined when it is not here. */
  find(name: string): RecordPlace | undefined {
    if (this.#size === 0) return undefined
    const hash = hashOfName(name)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const address = this.#slots[slot] as number
      if (address === FREE) return undefined
      if (address === GONE) continue
      const chunk = chunkOf(address)
      const at = wordOf(address)
      const { words, bytes } = this.#chunks[chunk] as Chunk
      if (isNamed(words, bytes, at, name, hash)) return this.#setPlace(words, bytes, at, chunk, slot)
    }
  }

  /** Lets go of a record; of its chunk, too, when that has no other. */
  remove({ words, at, chunk, slot }: RecordPlace): void {
    this.#slots[slot] = GONE
    this.#rows -= rowsOfRecord(words, at)
    this.#size -= 1
    this.#giveUp(words, at, chunk)
  }

  /** Takes note that a record has more rows, or fewer. */
  countRows(more: number): void {
    this.#rows += more
  }

  /**
   * Moves a record to where its rows have so many words of room; they are left to the caller to move.
   * @returns the room; the place that was given is that of the record now
   */
  move(place: RecordPlace, size: number): RowsRoom {
    const { words: before, at: from, chunk: last } = place
    const start = rowsStartOfRecord(before, from)
    const length = start + size
    let index = this.#open
    if (length > CHUNK_WORDS) index = this.#addChunk(new Float64Array(length))
    else {
      this.#openFor(length)
      index = this.#open
    }
    const { words, bytes } = this.#chunks[index] as Chunk
    const at = this.#used[index] as number
    // Copied as they lie: a name can be bytes that are no number.
    words.set(before.subarray(from, from + start), at)
    setRecordLength(words, at, length)
    this.#count(index, length)
    this.#slots[place.slot] = addressOf(index, at)
    this.#giveUp(before, from, last)
    place.words = words
    place.bytes = bytes
    place.at = at
    place.chunk = index
    return { words, bytes, start: at + start }
  }

  /** Positions of the records of a chunk, and its words. */
  records(index: number): Chunk & { readonly places: readonly number[] } {
    const { words, bytes } = this.#chunks[index] ?? noChunk
    const places: number[] = []
    const used = this.#used[index] ?? 0
    for (let at = 0; at < used; at += lengthOfRecord(words, at)) if (isHeldRecord(words, at)) places.push(at)
    return { words, bytes, places }
  }

  /** Whether memory was taken since records were last moved together. */
  get hasGrown(): boolean {
    return this.#hasGrown
  }

  /**
   * Moves records together where many words are left of others, a few at a time.
   * @param beforeMove is told of each record that is about to move
   * @returns whether there may be more of them
   */
  tidy(beforeMove: (words: Float64Array, bytes: Uint8Array, at: number) => void): boolean {
    this.#hasGrown = false
    for (let count = 0; count < CHUNKS_AT_ONCE; count++) {
      const left = this.#words - this.#heldWords
      if (left < CHUNK_WORDS || left * PART_TO_WASTE < this.#words) return false
      const sparsest = this.#sparsest()
      if (sparsest === -1) return false
      const { words, bytes, places } = this.records(sparsest)
      for (const at of places) {
        beforeMove(words, bytes, at)
        this.#moveWhole(sparsest, words, at)
      }
    }
    return true
  }

  #moveWhole(index: number, words: Float64Array, from: number): void {
    const length = lengthOfRecord(words, from)
    const slot = this.#slotAt(index, from)
    const { words: target } = this.#openFor(length)
    const at = this.#used[this.#open] as number
    target.set(recordAt(words, from), at)
    this.#count(this.#open, length)
    this.#slots[slot] = addressOf(this.#open, at)
    this.#giveUp(words, from, index)
  }

  /** The chunk of which least is held, for its length; -1 where none is worth it. */
  #sparsest(): number {
    let sparsest = -1
    let least = 1 - 1 / PART_TO_WASTE
    for (let index = 0; index < this.#chunks.length; index++) {
      const used = this.#used[index] as number
      if (used === 0 || used > CHUNK_WORDS || index === this.#open) continue
      const part = (this.#held[index] as number) / used
      if (part >= least) continue
      least = part
      sparsest = index
    }
    return sparsest
  }

  /** The chunk that is appended to, with room for a record. */
  #openFor(length: number): Chunk {
    const open = this.#chunks[this.#open]
    if (open !== undefined && (this.#used[this.#open] as number) + length <= open.words.length) return open
    const words = Math.min(CHUNK_WORDS, Math.max(FEWEST_WORDS, this.#words, length))
    const before = this.#open
    this.#open = this.#addChunk((words === CHUNK_WORDS ? this.#spareWords.pop() : undefined) ?? new Float64Array(words))
    if (before !== -1 && this.#held[before] === 0) this.#dropChunk(before)
    return this.#chunks[this.#open] as Chunk
  }

  #addChunk(words: Float64Array): number {
    this.#words += words.length
    this.#hasGrown = true
    const chunk = { words, bytes: new Uint8Array(words.buffer, words.byteOffset, words.byteLength) }
    // One that is longer than others has a single record, at its start: it needs no more addresses than they do.
    const index = this.#spare.pop() ?? this.#chunks.length
    this.#setChunk(index, chunk)
    return index
  }

  #setChunk(index: number, chunk: Chunk | undefined): void {
    this.#chunks[index] = chunk
    this.#used[index] = 0
    this.#held[index] = 0
  }

  #dropChunk(index: number): void {
    const { words } = this.#chunks[index] as Chunk
    const { length } = words
    this.#words -= length
    if (length === CHUNK_WORDS && this.#spareWords.length < CHUNKS_AT_ONCE) this.#spareWords.push(words)
    this.#setChunk(index, undefined)
    this.#spare.push(index)
  }

  #giveUp(words: Float64Array, at: number, index: number): void {
    const length = lengthOfRecord(words, at)
    giveUpRecord(words, at)
    this.#heldWords -= length
    const held = (this.#held[index] as number) - length
    this.#held[index] = held
    if (held === 0 && index !== this.#open) this.#dropChunk(index)
  }

  #count(index: number, length: number): void {
    this.#used[index] = (this.#used[index] as number) + length
    this.#held[index] = (this.#held[index] as number) + length
    this.#heldWords += length
  }

  #hold(index: number, at: number): void {
    if ((this.#taken + 1) * 2 > this.#slots.length) this.#rebuild()
    const { words } = this.#chunks[index] as Chunk
    this.#put(addressOf(index, at), hashOfRecord(words, at))
    this.#count(index, lengthOfRecord(words, at))
    this.#rows += rowsOfRecord(words, at)
    this.#size += 1
    this.#taken += 1
  }

  #put(address: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask
    this.#slots[slot] = address
  }

  #slotAt(index: number, at: number): number {
    const address = addressOf(index, at)
    const mask = this.#slots.length - 1
    let slot = hashOfRecord((this.#chunks[index] as Chunk).words, at) & mask
    while (this.#slots[slot] !== address) slot = (slot + 1) & mask
    return slot
  }

  /** Makes the slots anew, for those that are held and so many more. */
  #rebuild(coming = 1): void {
    const held = this.#slots.filter((address) => address >= FIRST_ADDRESS)
    this.#slots = new Uint32Array(Math.max(FEWEST_SLOTS, 2 ** Math.ceil(Math.log2((held.length + coming) * 3))))
    this.#taken = held.length
    for (const address of held)
      this.#put(address, hashOfRecord((this.#chunks[chunkOf(address)] as Chunk).words, wordOf(address)))
  }

  #setPlace(words: Float64Array, bytes: Uint8Array, at: number, chunk: number, slot: number): RecordPlace {
    const place = this.#place
    place.words = words
    place.bytes = bytes
    place.at = at
    place.chunk = chunk
    place.slot = slot
    return place
  }
}

/** The record at a position, where it lies. */
export function recordAt(words: Float64Array, at: number): EntityRecord {
  return words.subarray(at, at + lengthOfRecord(words, at))
}

function addressOf(chunk: number, at: number): number {
  return chunk * CHUNK_WORDS + at + FIRST_ADDRESS
}

function chunkOf(address: number): number {
  return ((address - FIRST_ADDRESS) / CHUNK_WORDS) >>> 0
}

function wordOf(address: number): number {
  return (address - FIRST_ADDRESS) % CHUNK_WORDS
}
