import type { ExtremeState, GroupPlan } from './plan.ts'
import type { Step } from './step.ts'
import { SuffixExtremes } from './suffix-extremes.ts'

/** Smallest and largest values of lanes; the windows of a lane share one structure. */
export class Extremes {
  readonly #states: readonly ExtremeState[]
  readonly #suffixes: readonly SuffixExtremes[]

  constructor({ extremes }: GroupPlan) {
    this.#states = extremes
    this.#suffixes = extremes.map(({ lane, sign }) => new SuffixExtremes(lane, sign))
  }

  get byteLength(): number {
    return this.#suffixes.reduce((total, { byteLength }) => total + byteLength, 0)
  }

  reset(origin: number): void {
    for (const suffix of this.#suffixes) suffix.reset(origin)
  }

  move({ data, capacity, nextTails, nextHead }: Step): void {
    for (let state = 0; state < this.#states.length; state++) {
      let from = nextHead
      for (const window of (this.#states[state] as ExtremeState).windows)
        from = Math.min(from, nextTails[window] as number)
      this.#suffixes[state]?.seek(data, capacity, from, nextHead)
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity }: Step, position: number): void {
    for (const suffix of this.#suffixes) suffix.insert(data, capacity, position)
  }

  /** The smallest (largest) value from `tail` to the head; NaN when there is none. */
  from(state: number, { data, capacity }: Step, tail: number): number {
    return this.#suffixes[state]?.from(data, capacity, tail) ?? Number.NaN
  }
}
