import { COUNTS, ExactMoments, type MomentLevel, SQUARES } from './exact-sum.ts'
import type { GroupPlan, MomentState } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { LaneTotals } from './running-totals.ts'
import type { Sealed } from './sealed.ts'
import { isFresh, type Place, type Steps } from './steps.ts'

/** Counts, sums and sums of squares of lanes over windows. */
export class Moments {
  readonly #exact: ExactMoments
  readonly #states: readonly MomentState[]
  readonly #lifetimes: readonly number[]
  readonly #ends: Int32Array
  /** By state: whether it holds what is between tail and head; not so where totals answered. */
  readonly #isHeld: Uint8Array

  constructor({ moments, windows, ends }: GroupPlan) {
    this.#ends = ends
    this.#exact = new ExactMoments(moments.length)
    this.#states = moments
    this.#isHeld = new Uint8Array(moments.length).fill(1)
    this.#lifetimes = [...moments.keys()].filter((state) => windows[moments[state]?.window ?? -1]?.kind === 'lifetime')
  }

  get byteLength(): number {
    return this.#exact.byteLength
  }

  reset(sealed: Sealed | undefined): void {
    this.#exact.clear()
    this.#isHeld.fill(1)
    if (sealed !== undefined) for (const state of this.#lifetimes) this.#exact.merge(sealed.moments, state)
  }

  move(rows: RowColumns, place: Place, steps: Steps): void {
    for (let state = 0; state < this.#states.length; state++) {
      const { lane, window, level } = this.#states[state] as MomentState
      const totals = rows.totals?.of(lane, level)
      if (totals === undefined)
        this.#moveState(state, level, window, (FIRST_LANE + lane) * rows.capacity, rows.data, place, steps)
      else this.#readTotals(state, level, window, totals, place, steps)
    }
  }

  #readTotals(
    state: number,
    level: MomentLevel,
    window: number,
    { counts: countsBefore, sums: sumsBefore }: LaneTotals,
    { origin }: Place,
    { size, count, heads, tails, counts, sums }: Steps,
  ): void {
    this.#isHeld[state] = 0
    const end = (this.#ends[window] as number) * size
    const from = window * size
    const at = state * size
    for (let step = 0; step < count; step++) {
      const tail = (tails[from + step] as number) - origin
      const head = (heads[end + step] as number) - origin
      counts[at + step] = (countsBefore[head] as number) - (countsBefore[tail] as number)
      if (level !== COUNTS) sums[at + step] = (sumsBefore[head] as number) - (sumsBefore[tail] as number)
    }
  }

  #moveState(
    state: number,
    level: MomentLevel,
    window: number,
    base: number,
    data: Float64Array,
    place: Place,
    { size, count, heads, tails, counts, sums, spreads }: Steps,
  ): void {
    const exact = this.#exact
    const end = this.#ends[window] as number
    let tail = place.tails[window] as number
    let head = place.heads[end] as number
    if (this.#isHeld[state] === 0) {
      // Nothing is between here and here, wherever the first step leads.
      exact.clearState(state)
      head = tail
      this.#isHeld[state] = 1
    }
    for (let step = 0; step < count; step++) {
      const nextTail = tails[window * size + step] as number
      const nextHead = heads[end * size + step] as number
      if (isFresh(tail, head, nextTail, nextHead)) {
        exact.clearState(state)
        exact.move(state, level, data, base + nextTail, base + nextHead, 1)
      } else {
        if (nextTail > tail) exact.move(state, level, data, base + tail, base + nextTail, -1)
        else if (nextTail < tail) exact.move(state, level, data, base + nextTail, base + tail, 1)
        if (nextHead > head) exact.move(state, level, data, base + head, base + nextHead, 1)
        else if (nextHead < head) exact.move(state, level, data, base + nextHead, base + head, -1)
      }
      tail = nextTail
      head = nextHead
      counts[state * size + step] = exact.count(state)
      if (level !== COUNTS) sums[state * size + step] = exact.sum(state)
      if (level === SQUARES) spreads[state * size + step] = exact.spread(state)
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, place: Place, position: number): void {
    this.#change(rows, place, position, 1)
  }

  /** Takes note of a row before the head that is about to be taken away. */
  remove(rows: RowColumns, place: Place, position: number): void {
    this.#change(rows, place, position, -1)
  }

  #change({ data, capacity }: RowColumns, { heads, tails }: Place, position: number, sign: 1 | -1): void {
    for (const [state, { lane, window, level }] of this.#states.entries()) {
      if (position < (tails[window] as number) || position >= (heads[this.#ends[window] as number] as number)) continue
      if (this.#isHeld[state] === 0) continue
      const at = (FIRST_LANE + lane) * capacity + position
      this.#exact.move(state, level, data, at, at + 1, sign)
    }
  }
}
