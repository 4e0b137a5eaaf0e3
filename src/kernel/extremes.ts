import type { GroupPlan } from './plan.ts'
import type { RowColumns } from './rows.ts'
import type { Place, Steps } from './steps.ts'
import { SuffixExtremes } from './suffix-extremes.ts'

/** Smallest and largest values of lanes; the windows of a lane share one structure. */
export class Extremes {
  readonly #states: GroupPlan['extremes']
  readonly #windows: number
  readonly #suffixes: readonly SuffixExtremes[]

  constructor({ extremes, windows }: GroupPlan) {
    this.#states = extremes
    this.#windows = windows.length
    this.#suffixes = extremes.map(({ lane, sign }) => new SuffixExtremes(lane, sign))
  }

  get byteLength(): number {
    return this.#suffixes.reduce((total, { byteLength }) => total + byteLength, 0)
  }

  reset(origin: number): void {
    for (const suffix of this.#suffixes) suffix.reset(origin)
  }

  move({ data, capacity }: RowColumns, { size, count, heads, tails, extremes }: Steps): void {
    for (const [state, { windows, end }] of this.#states.entries()) {
      const suffix = this.#suffixes[state] as SuffixExtremes
      for (let step = 0; step < count; step++) {
        const head = heads[end * size + step] as number
        let from = head
        for (const window of windows) from = Math.min(from, tails[window * size + step] as number)
        suffix.seek(data, capacity, from, head)
        for (const window of windows) {
          const value = suffix.from(data, capacity, tails[window * size + step] as number)
          extremes[(state * this.#windows + window) * size + step] = value
        }
      }
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity }: RowColumns, { heads }: Place, position: number): void {
    for (const [state, { end }] of this.#states.entries())
      if (position < (heads[end] as number)) this.#suffixes[state]?.insert(data, capacity, position)
  }

  /** Takes note of a row before the head that is about to be taken away. */
  remove({ data, capacity }: RowColumns, { heads }: Place, position: number): void {
    for (const [state, { end }] of this.#states.entries())
      if (position < (heads[end] as number)) this.#suffixes[state]?.remove(data, capacity, position)
  }
}
