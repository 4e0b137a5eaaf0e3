import type { GroupPlan } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Place, Steps } from './steps.ts'

/** The first value of lanes over windows. */
export class Firsts {
  readonly #states: GroupPlan['firsts']
  readonly #ends: Int32Array
  /** Of the first row at or after the tail that has a value; the window's end where there is none. */
  readonly #positions: Int32Array

  constructor({ firsts, ends }: GroupPlan) {
    this.#states = firsts
    this.#ends = ends
    this.#positions = new Int32Array(firsts.length)
  }

  get byteLength(): number {
    return this.#positions.byteLength
  }

  reset(origin: number): void {
    this.#positions.fill(origin)
  }

  move({ data, capacity }: RowColumns, place: Place, { size, count, heads, tails, firsts }: Steps): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      const base = (FIRST_LANE + lane) * capacity
      const end = this.#ends[window] as number
      let first = this.#positions[state] as number
      let tail = place.tails[window] as number
      for (let step = 0; step < count; step++) {
        const nextTail = tails[window * size + step] as number
        const head = heads[end * size + step] as number
        // Rows between the tail and the first value have none.
        first = Math.min(nextTail < tail ? nextTail : Math.max(first, nextTail), head)
        while (first < head && Number.isNaN(data[base + first])) first += 1
        tail = nextTail
        firsts[state * size + step] = first === head ? Number.NaN : (data[base + first] as number)
      }
      this.#positions[state] = first
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity }: RowColumns, { heads, tails }: Place, position: number): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      const first = this.#positions[state] as number
      if (position > first || position >= (heads[this.#ends[window] as number] as number)) continue
      const isInside = position >= (tails[window] as number)
      const hasValue = !Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])
      this.#positions[state] = isInside && hasValue ? position : first + 1
    }
  }

  /** Takes note of a row before the head that is about to be taken away. */
  remove({ data, capacity }: RowColumns, { heads }: Place, position: number): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      const base = (FIRST_LANE + lane) * capacity
      const head = heads[this.#ends[window] as number] as number
      let first = this.#positions[state] as number
      if (position > first || position >= head) continue
      if (position === first) {
        first += 1
        while (first < head && Number.isNaN(data[base + first])) first += 1
      }
      this.#positions[state] = first - 1
    }
  }
}

/** The last row with a value of lanes before the ends of windows, whatever their beginning. */
export class Lasts {
  readonly #states: GroupPlan['lasts']
  /** One before the origin where there is none. */
  readonly #positions: Int32Array

  constructor({ lasts }: GroupPlan) {
    this.#states = lasts
    this.#positions = new Int32Array(lasts.length)
  }

  get byteLength(): number {
    return this.#positions.byteLength
  }

  reset(origin: number): void {
    this.#positions.fill(origin - 1)
  }

  move({ data, capacity }: RowColumns, place: Place, { size, count, heads, lasts }: Steps): void {
    for (const [state, { lane, end }] of this.#states.entries()) {
      const base = (FIRST_LANE + lane) * capacity
      let known = this.#positions[state] as number
      let head = place.heads[end] as number
      for (let step = 0; step < count; step++) {
        const nextHead = heads[end * size + step] as number
        // Rows between the last value and the old head have none.
        const from = known < nextHead ? head : place.origin
        let last = nextHead - 1
        while (last >= from && Number.isNaN(data[base + last])) last -= 1
        if (last >= from) known = last
        else if (known >= nextHead) known = place.origin - 1
        head = nextHead
        lasts[state * size + step] = known
      }
      this.#positions[state] = known
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity }: RowColumns, { heads }: Place, position: number): void {
    for (const [state, { lane, end }] of this.#states.entries()) {
      if (position >= (heads[end] as number)) continue
      const last = this.#positions[state] as number
      if (position <= last) this.#positions[state] = last + 1
      else if (!Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])) this.#positions[state] = position
    }
  }

  /** Takes note of a row before the head that is about to be taken away. */
  remove({ data, capacity }: RowColumns, { origin }: Place, position: number): void {
    for (const [state, { lane }] of this.#states.entries()) {
      const base = (FIRST_LANE + lane) * capacity
      let last = this.#positions[state] as number
      if (position > last) continue
      last -= 1
      if (position === last + 1) while (last >= origin && Number.isNaN(data[base + last])) last -= 1
      this.#positions[state] = last
    }
  }
}
