import type { ExtremeState, GroupPlan } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Place, Steps } from './steps.ts'
import { SuffixExtremes } from './suffix-extremes.ts'

/** At a single read so few rows are looked through sooner than a structure is made of them. */
const FEW_ROWS = 64

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
    for (let state = 0; state < this.#states.length; state++) {
      const { lane, sign, windows, end } = this.#states[state] as ExtremeState
      const suffix = this.#suffixes[state] as SuffixExtremes
      for (let step = 0; step < count; step++) {
        const head = heads[end * size + step] as number
        let from = head
        for (const window of windows) from = Math.min(from, tails[window * size + step] as number)
        if (count === 1 && suffix.isEmpty && head - from <= FEW_ROWS) {
          const base = (FIRST_LANE + lane) * capacity
          let known = head
          let extreme = Number.NaN
          for (const window of windows) {
            const tail = tails[window * size] as number
            // Windows are mostly asked for from the shortest on: of the next one only the rows before are new.
            if (tail > known) {
              known = head
              extreme = Number.NaN
            }
            extreme = firstExtreme(extremeOf(data, base + tail, base + known, sign), extreme, sign)
            known = tail
            extremes[(state * this.#windows + window) * size] = extreme
          }
          continue
        }
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

/** The smaller (sign 1) or larger (sign -1) of two values, of equal ones the earlier; NaN is none. */
function firstExtreme(earlier: number, later: number, sign: 1 | -1): number {
  if (Number.isNaN(earlier)) return later
  return sign * later < sign * earlier ? later : earlier
}

/** The smallest (sign 1) or largest (sign -1) of data[from, to), of equal ones the first; NaN when there is none. */
function extremeOf(data: Float64Array, from: number, to: number, sign: 1 | -1): number {
  let first = from
  while (first < to && Number.isNaN(data[first])) first += 1
  if (first === to) return Number.NaN
  let extreme = data[first] as number
  // No comparison with NaN holds.
  if (sign === 1) {
    for (let index = first + 1; index < to; index++)
      if ((data[index] as number) < extreme) extreme = data[index] as number
  } else {
    for (let index = first + 1; index < to; index++)
      if ((data[index] as number) > extreme) extreme = data[index] as number
  }
  return extreme
}
