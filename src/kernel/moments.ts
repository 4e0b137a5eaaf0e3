import { ExactMoments, type MomentLevel } from './exact-sum.ts'
import type { GroupPlan } from './plan.ts'
import { FIRST_LANE } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { isFresh, type Step } from './step.ts'

/** Counts, sums and sums of squares of lanes over windows. */
export class Moments {
  readonly #exact: ExactMoments
  readonly #columns: Int32Array
  readonly #windows: Int32Array
  readonly #levels: readonly MomentLevel[]
  readonly #lifetimes: readonly number[]

  constructor({ moments, windows }: GroupPlan) {
    this.#exact = new ExactMoments(moments.length)
    this.#columns = Int32Array.from(moments, ({ lane }) => FIRST_LANE + lane)
    this.#windows = Int32Array.from(moments, ({ window }) => window)
    this.#levels = moments.map(({ level }) => level)
    this.#lifetimes = [...moments.keys()].filter((state) => windows[moments[state]?.window ?? -1]?.kind === 'lifetime')
  }

  get byteLength(): number {
    return this.#exact.byteLength
  }

  reset(sealed: Sealed | undefined): void {
    this.#exact.clear()
    if (sealed !== undefined) for (const state of this.#lifetimes) this.#exact.merge(sealed.moments, state)
  }

  move({ data, capacity, tails, head, nextTails, nextHead }: Step): void {
    const exact = this.#exact
    const windows = this.#windows
    for (let state = 0; state < windows.length; state++) {
      const window = windows[state] as number
      const base = (this.#columns[state] as number) * capacity
      const level = this.#levels[state] as MomentLevel
      const tail = tails[window] as number
      const nextTail = nextTails[window] as number
      if (isFresh(tail, head, nextTail, nextHead)) {
        exact.clearState(state)
        exact.move(state, level, data, base + nextTail, base + nextHead, 1)
        continue
      }
      if (nextTail > tail) exact.move(state, level, data, base + tail, base + nextTail, -1)
      else if (nextTail < tail) exact.move(state, level, data, base + nextTail, base + tail, 1)
      if (nextHead > head) exact.move(state, level, data, base + head, base + nextHead, 1)
      else if (nextHead < head) exact.move(state, level, data, base + nextHead, base + head, -1)
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity, tails }: Step, position: number): void {
    for (const [state, window] of this.#windows.entries()) {
      if (position < (tails[window] as number)) continue
      const at = (this.#columns[state] as number) * capacity + position
      this.#exact.move(state, this.#levels[state] as MomentLevel, data, at, at + 1, 1)
    }
  }

  count(state: number): number {
    return this.#exact.count(state)
  }

  sum(state: number): number {
    return this.#exact.sum(state)
  }

  spread(state: number): number {
    return this.#exact.spread(state)
  }
}
