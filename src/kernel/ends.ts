import type { GroupPlan } from './plan.ts'
import { FIRST_LANE } from './rows.ts'
import type { Step } from './step.ts'

/** The first value of lanes over windows: the position of the first row at or after the tail that has one. */
export class Firsts {
  readonly #states: GroupPlan['firsts']
  /** The head where there is none. */
  readonly #positions: Int32Array

  constructor({ firsts }: GroupPlan) {
    this.#states = firsts
    this.#positions = new Int32Array(firsts.length)
  }

  get byteLength(): number {
    return this.#positions.byteLength
  }

  reset(origin: number): void {
    this.#positions.fill(origin)
  }

  move({ data, capacity, tails, nextTails, nextHead }: Step): void {
    for (let state = 0; state < this.#states.length; state++) {
      const { lane, window } = this.#states[state] as GroupPlan['firsts'][number]
      const base = (FIRST_LANE + lane) * capacity
      const tail = nextTails[window] as number
      // Rows between the old tail and the first value have none.
      const known = this.#positions[state] as number
      let first = Math.min(tail < (tails[window] as number) ? tail : Math.max(known, tail), nextHead)
      while (first < nextHead && Number.isNaN(data[base + first])) first += 1
      this.#positions[state] = first
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity, tails }: Step, position: number): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      const first = this.#positions[state] as number
      if (position > first) continue
      const isInside = position >= (tails[window] as number)
      const hasValue = !Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])
      this.#positions[state] = isInside && hasValue ? position : first + 1
    }
  }

  /** NaN where there is none. */
  value(state: number, { data, capacity, head }: Step): number {
    const first = this.#positions[state] as number
    if (first === head) return Number.NaN
    return data[(FIRST_LANE + (this.#states[state]?.lane ?? 0)) * capacity + first] as number
  }
}

/** The last value of lanes before the head, whatever the window: the position of the last row that has one. */
export class Lasts {
  readonly #lanes: readonly number[]
  /** One before the origin where there is none. */
  readonly #positions: Int32Array

  constructor({ lasts }: GroupPlan) {
    this.#lanes = lasts
    this.#positions = new Int32Array(lasts.length)
  }

  get byteLength(): number {
    return this.#positions.byteLength
  }

  reset(origin: number): void {
    this.#positions.fill(origin - 1)
  }

  move({ data, capacity, origin, head, nextHead }: Step): void {
    for (let state = 0; state < this.#lanes.length; state++) {
      const base = (FIRST_LANE + (this.#lanes[state] as number)) * capacity
      const known = this.#positions[state] as number
      // Rows between the last value and the old head have none.
      const from = known < nextHead ? head : origin
      let last = nextHead - 1
      while (last >= from && Number.isNaN(data[base + last])) last -= 1
      if (last >= from) this.#positions[state] = last
      else if (known >= nextHead) this.#positions[state] = origin - 1
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity }: Step, position: number): void {
    for (const [state, lane] of this.#lanes.entries()) {
      const last = this.#positions[state] as number
      if (position <= last) this.#positions[state] = last + 1
      else if (!Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])) this.#positions[state] = position
    }
  }

  position(state: number): number {
    return this.#positions[state] as number
  }

  value(state: number, { data, capacity }: Step): number {
    return data[(FIRST_LANE + (this.#lanes[state] as number)) * capacity + (this.#positions[state] as number)] as number
  }
}
