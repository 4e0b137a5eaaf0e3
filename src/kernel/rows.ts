import { compareIds } from './event-order.ts'
import type { GroupPlan } from './plan.ts'
import type { RunningTotals } from './running-totals.ts'
import type { StateReader, StateWriter } from './state-words.ts'

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

/**
 * Rows of one entity that can come in any order and are kept in the order of events: by event time, and where a plan
 * asks for it by sequence and id.
 */
export class EntityRows implements RowColumns {
  readonly #lanes: number
  readonly #ordersTies: boolean
  readonly #hasSequence: boolean
  #data: Float64Array
  #capacity: number
  #length = 0
  /** Ids of the rows, kept only where ties are ordered. */
  readonly #ids: string[] = []
  readonly totals: RunningTotals | undefined

  /**
   * @param hasSequence whether ties have a sequence to be ordered by, as those of the plan's stream have
   * @param totals kept by the caller, who tells them of every row that comes or goes
   */
  constructor(plan: GroupPlan, capacity = SMALLEST_CAPACITY, hasSequence = plan.hasSequence, totals?: RunningTotals) {
    this.totals = totals
    this.#lanes = plan.lanes.length
    this.#ordersTies = plan.ordersTies
    this.#hasSequence = plan.ordersTies && hasSequence
    this.#capacity = capacity
    this.#data = new Float64Array(this.#columns * capacity)
  }

  get data(): Float64Array {
    return this.#data
  }

  get capacity(): number {
    return this.#capacity
  }

  get length(): number {
    return this.#length
  }

  get isFull(): boolean {
    return this.#length === this.#capacity
  }

  time(row: number): number {
    return this.#data[row] as number
  }

  lane(lane: number, row: number): number {
    return this.#data[(FIRST_LANE + lane) * this.#capacity + row] as number
  }

  sequence(row: number): number {
    return this.#hasSequence ? (this.#data[(FIRST_LANE + this.#lanes) * this.#capacity + row] as number) : 0
  }

  id(row: number): string {
    return this.#ids[row] ?? ''
  }

  /** How many rows have an event time before `time`. */
  countBefore(time: number): number {
    let low = 0
    let high = this.#length
    // Mostly all of them.
    if (high === 0 || (this.#data[high - 1] as number) < time) return high
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#data[middle] as number) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  clear(): void {
    this.#length = 0
    this.#ids.length = 0
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
    const data = this.#data
    let position = this.#length
    while (position > 0 && (data[position - 1] as number) > time) position -= 1
    if (!this.#ordersTies) return position
    while (position > 0 && data[position - 1] === time && this.#comesAfter(position - 1, sequence, id)) position -= 1
    return position
  }

  /** Puts a row at the position that `placeFor` gave. */
  insertAt(position: number, time: number, sequence: number, id: string, values: Float64Array): void {
    if (this.isFull) this.#grow()
    const data = this.#data
    if (this.#ordersTies) {
      if (position === this.#length) this.#ids.push(id)
      else this.#ids.splice(position, 0, id)
    }
    for (let column = 0; column < this.#columns; column++) {
      const start = column * this.#capacity
      const value = column === 0 ? time : column <= this.#lanes ? (values[column - FIRST_LANE] as number) : sequence
      if (position < this.#length) data.copyWithin(start + position + 1, start + position, start + this.#length)
      data[start + position] = value
    }
    this.#length += 1
  }

  /**
   * Where a row is; -1 when it is not there. Where ties are not ordered, rows with the same time and lanes are as one:
   * any of them is found.
   */
  find(time: number, sequence: number, id: string, values: Float64Array): number {
    for (let row = this.countBefore(time); row < this.#length && this.#data[row] === time; row++) {
      const isThere = this.#ordersTies
        ? this.sequence(row) === sequence && this.#ids[row] === id
        : this.#hasLanes(row, values)
      if (isThere) return row
    }
    return -1
  }

  /** Takes a row away; rows after it move down by one. */
  remove(position: number): void {
    for (let column = 0; column < this.#columns; column++) {
      const start = column * this.#capacity
      this.#data.copyWithin(start + position, start + position + 1, start + this.#length)
    }
    if (this.#ordersTies) this.#ids.splice(position, 1)
    this.#length -= 1
  }

  /** Forgets the first `count` rows, and the room they took when little is left. */
  dropFirst(count: number): void {
    const left = this.#length - count
    const capacity = left * 4 <= this.#capacity ? Math.max(SMALLEST_CAPACITY, left * 2) : this.#capacity
    this.#move(count, left, capacity)
    this.#ids.splice(0, count)
  }

  /** Writes all rows. */
  write(to: StateWriter): void {
    for (let column = 0; column < this.#columns; column++) {
      const start = column * this.#capacity
      to.numbers(this.#data.subarray(start, start + this.#length))
    }
    for (const id of this.#ids) to.text(id)
  }

  /** Reads so many rows as `write` wrote them. */
  static read(plan: GroupPlan, from: StateReader, length: number): EntityRows {
    const rows = new EntityRows(plan, Math.max(SMALLEST_CAPACITY, length))
    for (let column = 0; column < rows.#columns; column++) rows.#data.set(from.numbers(length), column * rows.#capacity)
    if (plan.ordersTies) for (let row = 0; row < length; row++) rows.#ids.push(from.text())
    rows.#length = length
    return rows
  }

  get #columns(): number {
    return FIRST_LANE + this.#lanes + (this.#hasSequence ? 1 : 0)
  }

  #hasLanes(row: number, values: Float64Array): boolean {
    for (let lane = 0; lane < this.#lanes; lane++) if (!Object.is(this.lane(lane, row), values[lane])) return false
    return true
  }

  #comesAfter(row: number, sequence: number, id: string): boolean {
    const other = this.sequence(row)
    return other === sequence ? compareIds(this.id(row), id) > 0 : other > sequence
  }

  #grow(): void {
    this.#move(0, this.#length, Math.max(SMALLEST_CAPACITY, this.#capacity * 2))
  }

  #move(from: number, length: number, capacity: number): void {
    const source = this.#data
    const target = capacity === this.#capacity ? source : new Float64Array(this.#columns * capacity)
    for (let column = 0; column < this.#columns; column++) {
      const start = column * this.#capacity + from
      if (target === source) target.copyWithin(column * capacity, start, start + length)
      else target.set(source.subarray(start, start + length), column * capacity)
    }
    this.#data = target
    this.#capacity = capacity
    this.#length = length
  }
}
