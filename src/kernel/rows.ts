import { comparePackedId, isText, mostSizeOf, readText, sizeOfPacked, sizeOfText, writeText } from './packed-text.ts'
import type { GroupPlan } from './plan.ts'
import type { RunningTotals } from './running-totals.ts'

/**
 * Rows of one entity in the order of events, as columns of one array: column c of row r is at [c * capacity + r].
 * Column 0 is the event time; then come the lanes of the plan.
 */
export interface RowColumns {
  readonly data: Float64Array
  readonly capacity: number
  /** Totals over the rows, where somebody keeps them. */
  readonly totals?: RunningTotals | undefined
}

/** Where the lanes begin. */
export const FIRST_LANE = 1

const SMALLEST_CAPACITY = 4
const WORD = 8
/** Rows that need more room get two fifths more: they move often, but leave little of it unused. */
const GROWTH = 1.4

/** Room for the columns and the ids of an entity's rows: words from `start` on, and the same memory as bytes. */
export interface RowsRoom {
  readonly words: Float64Array
  readonly bytes: Uint8Array
  readonly start: number
}

/** How rows lie in their room: columns of so many rows, then so many bytes of ids, of which some are used. */
interface RowsLayout {
  readonly length: number
  readonly capacity: number
  readonly idCapacity: number
  readonly idBytes: number
}

/** How rows are kept. */
export interface RowsOptions {
  /** Whether ties have a sequence to be ordered by; as those of the plan's stream have, unless given. */
  readonly hasSequence?: boolean
  /** Whether ties are ordered by ids last of all; as the plan asks, unless given. */
  readonly hasIds?: boolean
  /** Kept by the caller, who tells them of every row that comes or goes. */
  readonly totals?: RunningTotals
  /** Where rows that need other room than they have get it, in words; arrays of their own unless given. */
  readonly allocate?: (words: number) => RowsRoom
}

/**
 * Rows of one entity that can come in any order and are kept in the order of events: by event time, and where a plan
 * asks for it by sequence and id. Rows are counted from 0; in `data` the first one is at `origin`.
 */
export class EntityRows implements RowColumns {
  readonly #lanes: number
  readonly #ordersTies: boolean
  readonly #hasSequence: boolean
  /** The column of where each row's id lies, in bytes from the first one; -1 where ids are not kept. */
  readonly #idColumn: number
  readonly #columns: number
  readonly #allocate: (words: number) => RowsRoom
  readonly totals: RunningTotals | undefined
  #data: Float64Array
  #bytes: Uint8Array
  #origin: number
  #capacity: number
  #length = 0
  #idCapacity = 0
  #idBytes = 0

  constructor(plan: GroupPlan, capacity = SMALLEST_CAPACITY, options: RowsOptions = {}) {
    const { hasSequence = plan.hasSequence, hasIds = true, totals, allocate = ownRoom } = options
    this.totals = totals
    this.#lanes = plan.lanes.length
    this.#ordersTies = plan.ordersTies
    this.#hasSequence = plan.ordersTies && hasSequence
    const columns = FIRST_LANE + this.#lanes + (this.#hasSequence ? 1 : 0)
    this.#idColumn = plan.ordersTies && hasIds ? columns : -1
    this.#columns = columns + (this.#idColumn === -1 ? 0 : 1)
    this.#allocate = allocate
    const room = ownRoom(this.#columns * capacity)
    this.#data = room.words
    this.#bytes = room.bytes
    this.#origin = room.start
    this.#capacity = capacity
  }

  get data(): Float64Array {
    return this.#data
  }

  get origin(): number {
    return this.#origin
  }

  get capacity(): number {
    return this.#capacity
  }

  get length(): number {
    return this.#length
  }

  get idCapacity(): number {
    return this.#idCapacity
  }

  get idBytes(): number {
    return this.#idBytes
  }

  get byteLength(): number {
    return this.#columns * this.#capacity * WORD + this.#idCapacity
  }

  get isFull(): boolean {
    return this.#length === this.#capacity
  }

  /** Makes these the rows that lie somewhere. */
  lieAt(words: Float64Array, bytes: Uint8Array, start: number, length: number, capacity: number): void {
    this.#data = words
    this.#bytes = bytes
    this.#origin = start
    this.#length = length
    this.#capacity = capacity
  }

  /** Of rows that lie somewhere: how many bytes their ids can take, and take. */
  lieIds(idCapacity: number, idBytes: number): void {
    this.#idCapacity = idCapacity
    this.#idBytes = idBytes
  }

  time(row: number): number {
    return this.#data[this.#origin + row] as number
  }

  lane(lane: number, row: number): number {
    return this.#data[this.#at(FIRST_LANE + lane, row)] as number
  }

  sequence(row: number): number {
    return this.#hasSequence ? (this.#data[this.#at(FIRST_LANE + this.#lanes, row)] as number) : 0
  }

  id(row: number): string {
    return this.#idColumn === -1 ? '' : readText(this.#bytes, this.#idPlace(row))
  }

  /** How many rows have an event time before `time`. */
  countBefore(time: number): number {
    const data = this.#data
    const origin = this.#origin
    let low = 0
    let high = this.#length
    // Mostly all of them.
    if (high === 0 || (data[origin + high - 1] as number) < time) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((data[origin + middle] as number) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  clear(): void {
    this.#length = 0
    this.#idBytes = 0
  }

  /**
   * Puts a row in its place and returns its position; rows at and after it move up by one.
   * @param values one number per lane
   */
  insert(time: number, sequence: number, id: string, values: Float64Array): number {
    const position = this.placeFor(time, sequence, id)
    this.insertAt(position, time, sequence, id, values)
    return position
  }

  /** The position that `insert` would put a row at. */
  placeFor(time: number, sequence: number, id: string): number {
    let position = this.#length
    while (position > 0 && this.time(position - 1) > time) position -= 1
    if (!this.#ordersTies) return position
    while (position > 0 && this.time(position - 1) === time && this.#comesAfter(position - 1, sequence, id))
      position -= 1
    return position
  }

  /** Puts a row at the position that `placeFor` gave. */
  insertAt(position: number, time: number, sequence: number, id: string, values: Float64Array): void {
    this.#makeRoomFor(id)
    const data = this.#data
    const capacity = this.#capacity
    const end = this.#length
    const at = this.#origin + position
    if (position < end)
      for (let column = 0; column < this.#columns; column++) {
        const from = at + column * capacity
        data.copyWithin(from + 1, from, from + end - position)
      }
    data[at] = time
    const lanes = this.#lanes
    for (let lane = 0; lane < lanes; lane++) data[at + (FIRST_LANE + lane) * capacity] = values[lane] as number
    if (this.#hasSequence) data[at + (FIRST_LANE + lanes) * capacity] = sequence
    this.#length = end + 1
    if (this.#idColumn === -1) return
    data[at + this.#idColumn * capacity] = this.#idBytes
    const idStart = this.#idStart
    this.#idBytes = writeText(this.#bytes, idStart + this.#idBytes, id) - idStart
  }

  /**
   * Where a row is; -1 when it is not there. Where ties are not ordered, rows with the same time and lanes are as one:
   * any of them is found.
   */
  find(time: number, sequence: number, id: string, values: Float64Array): number {
    for (let row = this.countBefore(time); row < this.#length && this.time(row) === time; row++) {
      const isThere = this.#ordersTies
        ? this.sequence(row) === sequence && this.#hasId(row, id)
        : this.#hasLanes(row, values)
      if (isThere) return row
    }
    return -1
  }

  /** Takes a row away; rows after it move down by one. */
  remove(position: number): void {
    for (let column = 0; column < this.#columns; column++) {
      const at = this.#at(column, position)
      this.#data.copyWithin(at, at + 1, at + this.#length - position)
    }
    this.#length -= 1
  }

  /** Forgets the first `count` rows, and the room they took when little is left. */
  dropFirst(count: number): void {
    const left = this.#length - count
    const capacity = left * 4 <= this.#capacity ? Math.max(SMALLEST_CAPACITY, left * 2) : this.#capacity
    this.#move(count, capacity, 0)
  }

  /** The rows in room that they fill: columns, then ids. */
  compact(): { readonly words: Float64Array; readonly idBytes: number } {
    const idBytes = this.#idsFrom(0)
    const room = ownRoom(this.#columns * this.#length + Math.ceil(idBytes / WORD))
    this.#copy(0, room, this.#length, idBytes)
    return { words: room.words, idBytes }
  }

  /** Rows of their own that lie as others do. */
  static of(plan: GroupPlan, words: Float64Array, { length, capacity, idCapacity, idBytes }: RowsLayout): EntityRows {
    const rows = new EntityRows(plan, 0)
    const room = ownRoom(words.length)
    room.words.set(words)
    rows.lieAt(room.words, room.bytes, 0, length, capacity)
    rows.lieIds(idCapacity, idBytes)
    return rows
  }

  #at(column: number, row: number): number {
    return this.#origin + column * this.#capacity + row
  }

  get #idStart(): number {
    return (this.#origin + this.#columns * this.#capacity) * WORD
  }

  #idPlace(row: number): number {
    return this.#idStart + (this.#data[this.#at(this.#idColumn, row)] as number)
  }

  #hasId(row: number, id: string): boolean {
    return this.#idColumn === -1 || isText(this.#bytes, this.#idPlace(row), id)
  }

  #hasLanes(row: number, values: Float64Array): boolean {
    for (let lane = 0; lane < this.#lanes; lane++) if (!Object.is(this.lane(lane, row), values[lane])) return false
    return true
  }

  #comesAfter(row: number, sequence: number, id: string): boolean {
    const other = this.sequence(row)
    if (other !== sequence) return other > sequence
    return this.#idColumn !== -1 && comparePackedId(this.#bytes, this.#idPlace(row), id) > 0
  }

  /** Bytes of the ids of rows from one on: those of rows that are gone are no part of it. */
  #idsFrom(first: number): number {
    let bytes = 0
    if (this.#idColumn !== -1)
      for (let row = first; row < this.#length; row++) bytes += sizeOfPacked(this.#bytes, this.#idPlace(row))
    return bytes
  }

  /** Sees that there is room for one more row with an id. */
  #makeRoomFor(id: string): void {
    const { isFull } = this
    const hasRoom = this.#idColumn === -1 || this.#idBytes + mostSizeOf(id.length) <= this.#idCapacity
    if (!isFull && hasRoom) return
    const idSize = this.#idColumn === -1 ? 0 : sizeOfText(id)
    if (!isFull && this.#idBytes + idSize <= this.#idCapacity) return
    const capacity = isFull ? Math.max(SMALLEST_CAPACITY, Math.ceil(this.#capacity * GROWTH)) : this.#capacity
    this.#move(0, capacity, idSize)
  }

  /**
   * Moves rows from `first` on to other room.
   * @param idSize bytes of the id that is to come
   */
  #move(first: number, capacity: number, idSize: number): void {
    const length = this.#length - first
    const held = this.#idsFrom(first)
    const ids = held + idSize
    const perRow = ids / Math.max(1, length + (idSize > 0 ? 1 : 0))
    // Ids differ in length: a little more than all of them would take on average.
    const idCapacity = ids === 0 ? 0 : Math.ceil((perRow * capacity + perRow) / WORD) * WORD
    const room = this.#allocate(this.#columns * capacity + idCapacity / WORD)
    this.#idBytes = this.#copy(first, room, capacity, held)
    this.#data = room.words
    this.#bytes = room.bytes
    this.#origin = room.start
    this.#capacity = capacity
    this.#length = length
    this.#idCapacity = idCapacity
  }

  /**
   * Copies rows from `first` on.
   * @param held bytes of their ids
   * @returns how many bytes their ids take there
   */
  #copy(first: number, { words, bytes, start }: RowsRoom, capacity: number, held: number): number {
    const length = this.#length - first
    const data = this.#data
    for (let column = 0; column < this.#columns; column++) {
      const from = this.#at(column, first)
      const to = start + column * capacity
      for (let row = 0; row < length; row++) words[to + row] = data[from + row] as number
    }
    if (this.#idColumn === -1) return 0
    const idStart = (start + this.#columns * capacity) * WORD
    if (held === this.#idBytes) {
      // None is of a row that is gone: they go as they lie.
      bytes.set(this.#bytes.subarray(this.#idStart, this.#idStart + held), idStart)
      return held
    }
    const idColumn = start + this.#idColumn * capacity
    let idBytes = 0
    for (let row = 0; row < length; row++) {
      const from = this.#idPlace(first + row)
      const size = sizeOfPacked(this.#bytes, from)
      for (let byte = 0; byte < size; byte++) bytes[idStart + idBytes + byte] = this.#bytes[from + byte] as number
      words[idColumn + row] = idBytes
      idBytes += size
    }
    return idBytes
  }
}

function ownRoom(length: number): RowsRoom {
  const words = new Float64Array(length)
  return { words, bytes: new Uint8Array(words.buffer), start: 0 }
}
