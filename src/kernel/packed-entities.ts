import { type EntityRecord, hashOfName, hashOfRecord, isNamed, lengthOfRecord, rowsOfRecord } from './entity-record.ts'

/** Words of a chunk: 64 KiB, a fraction of a millisecond to fill. A longer record has a chunk of its own. */
export const CHUNK_WORDS = 8192

/** A slot that was never used, and one whose record is gone; others hold an address, and that many more. */
const FREE = 0
const GONE = 1
const FIRST_ADDRESS = 2
const FEWEST_SLOTS = 1024

interface Chunk {
  readonly words: Float64Array
  /** Words that have records, and those of them whose record is still held. */
  used: number
  held: number
}

/**
 * Entities that nobody touches at present, as records in a few large arrays, found by the hash of their name: each takes
 * its record and about ten bytes, and a million of them are no work for the garbage collector. Records never change.
 */
export class PackedEntities {
  readonly #chunks: (Chunk | undefined)[] = []
  #slots = new Uint32Array(FEWEST_SLOTS)
  /** Slots that are not free, and those of them that hold an address. */
  #taken = 0
  #size = 0
  #words = 0
  #rows = 0
  /** Numbers of chunks that are gone. */
  readonly #spare: number[] = []
  /** The chunk that is appended to. */
  #open = -1

  get size(): number {
    return this.#size
  }

  /** Rows of all entities together. */
  get rows(): number {
    return this.#rows
  }

  get byteLength(): number {
    return this.#words * 8 + this.#slots.byteLength
  }

  /** Chunks have the numbers below this one; some of them are gone. */
  get chunks(): number {
    return this.#chunks.length
  }

  /** Takes over a chunk of records, of entities that are not here. */
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
    let open = this.#chunks[this.#open]
    if (open === undefined || open.used + record.length > CHUNK_WORDS) {
      this.#open = this.#addChunk(new Float64Array(CHUNK_WORDS))
      open = this.#chunks[this.#open] as Chunk
    }
    open.words.set(record, open.used)
    this.#hold(this.#open, open.used)
  }

  /** The record of an entity, and the number of the chunk that it is in; undefined when it is not here. */
  find(name: string): { readonly record: EntityRecord; readonly chunk: number } | undefined {
    const slot = this.#slotOf(name)
    if (slot === -1) return undefined
    const [chunk, at] = placeOf(this.#slots[slot] as number)
    return { record: recordAt((this.#chunks[chunk] as Chunk).words, at), chunk }
  }

  /** Lets go of the record of an entity; of its chunk, too, when that has no other. */
  remove(name: string): void {
    const slot = this.#slotOf(name)
    if (slot !== -1) this.#removeAt(slot)
  }

  /** The records of a chunk. */
  *records(index: number): Generator<EntityRecord> {
    const chunk = this.#chunks[index]
    if (chunk === undefined) return
    for (let at = 0; at < chunk.used; at += lengthOfRecord(chunk.words, at))
      if (this.#slotAt(index, at) !== -1) yield recordAt(chunk.words, at)
  }

  /** The records of a chunk as they lie in memory, when none of them is gone; undefined otherwise. */
  whole(index: number): Float64Array | undefined {
    const chunk = this.#chunks[index]
    return chunk === undefined || chunk.held < chunk.used ? undefined : chunk.words.subarray(0, chunk.used)
  }

  /**
   * Moves the records of a chunk together with others, where less than half of it is held.
   * @returns whether there was something to move
   */
  compact(index: number): boolean {
    const chunk = this.#chunks[index]
    if (chunk === undefined || index === this.#open || chunk.held * 2 >= chunk.used) return false
    for (const record of [...this.records(index)]) {
      this.#removeAt(this.#slotAt(index, (record.byteOffset - chunk.words.byteOffset) / 8))
      this.append(record)
    }
    return true
  }

  #addChunk(words: Float64Array): number {
    this.#words += words.length
    const chunk = { words, used: 0, held: 0 }
    const spare = words.length > CHUNK_WORDS ? undefined : this.#spare.pop()
    if (spare !== undefined) {
      this.#chunks[spare] = chunk
      return spare
    }
    const index = this.#chunks.push(chunk) - 1
    // A chunk that is longer than others takes the addresses of those that could be in its place.
    for (let covered = CHUNK_WORDS; covered < words.length; covered += CHUNK_WORDS) this.#chunks.push(undefined)
    return index
  }

  #hold(index: number, at: number): void {
    if ((this.#taken + 1) * 2 > this.#slots.length) this.#rebuild()
    const chunk = this.#chunks[index] as Chunk
    const length = lengthOfRecord(chunk.words, at)
    this.#put(addressOf(index, at), hashOfRecord(chunk.words, at))
    chunk.used = at + length
    chunk.held += length
    this.#rows += rowsOfRecord(chunk.words, at)
    this.#size += 1
    this.#taken += 1
  }

  #put(address: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = hash & mask
    while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask
    this.#slots[slot] = address
  }

  #removeAt(slot: number): void {
    const [index, at] = placeOf(this.#slots[slot] as number)
    const chunk = this.#chunks[index] as Chunk
    chunk.held -= lengthOfRecord(chunk.words, at)
    this.#slots[slot] = GONE
    this.#rows -= rowsOfRecord(chunk.words, at)
    this.#size -= 1
    if (chunk.held > 0 || index === this.#open) return
    this.#words -= chunk.words.length
    this.#chunks[index] = undefined
    for (let part = index; part * CHUNK_WORDS < index * CHUNK_WORDS + chunk.words.length; part++) this.#spare.push(part)
  }

  #slotOf(name: string): number {
    if (this.#size === 0) return -1
    const hash = hashOfName(name)
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) {
      if (this.#slots[slot] === GONE) continue
      const [index, at] = placeOf(this.#slots[slot] as number)
      if (isNamed((this.#chunks[index] as Chunk).words, at, name, hash)) return slot
    }
    return -1
  }

  #slotAt(index: number, at: number): number {
    const address = addressOf(index, at)
    const mask = this.#slots.length - 1
    let slot = hashOfRecord((this.#chunks[index] as Chunk).words, at) & mask
    for (; this.#slots[slot] !== FREE; slot = (slot + 1) & mask) if (this.#slots[slot] === address) return slot
    return -1
  }

  #rebuild(): void {
    const held = this.#slots.filter((address) => address >= FIRST_ADDRESS)
    this.#slots = new Uint32Array(Math.max(FEWEST_SLOTS, 2 ** Math.ceil(Math.log2((held.length + 1) * 3))))
    this.#taken = held.length
    for (const address of held) {
      const [index, at] = placeOf(address)
      this.#put(address, hashOfRecord((this.#chunks[index] as Chunk).words, at))
    }
  }
}

function addressOf(chunk: number, at: number): number {
  return chunk * CHUNK_WORDS + at + FIRST_ADDRESS
}

function placeOf(address: number): readonly [chunk: number, at: number] {
  const place = address - FIRST_ADDRESS
  return [Math.floor(place / CHUNK_WORDS), place % CHUNK_WORDS]
}

function recordAt(words: Float64Array, at: number): EntityRecord {
  return words.subarray(at, at + lengthOfRecord(words, at))
}
