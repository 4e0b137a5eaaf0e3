import type { GroupPlan } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { isFresh, type Place, type Steps } from './steps.ts'

/** About what a Map takes for an entry. */
const BYTES_PER_VALUE = 40

/** The different values of lanes over windows. */
export class Distincts {
  readonly #states: GroupPlan['distincts']
  readonly #isLifetime: readonly boolean[]
  readonly #ends: Int32Array
  /** How many rows have each value. */
  readonly #counts: readonly Map<number, number>[]
  /** By state: values of rows that are held no longer, which are not counted again. */
  #sealed: readonly (ReadonlyMap<number, number> | undefined)[] = []

  constructor({ distincts, windows, ends }: GroupPlan) {
    this.#ends = ends
    this.#states = distincts
    this.#isLifetime = distincts.map(({ window }) => windows[window]?.kind === 'lifetime')
    this.#counts = distincts.map(() => new Map())
  }

  get byteLength(): number {
    return this.#counts.reduce((total, counts) => total + counts.size, 0) * BYTES_PER_VALUE
  }

  reset(sealed: Sealed | undefined): void {
    this.#sealed = this.#isLifetime.map((isLifetime, state) => (isLifetime ? sealed?.distinct(state) : undefined))
    for (const counts of this.#counts) if (counts.size > 0) counts.clear()
  }

  move({ data, capacity }: RowColumns, place: Place, { size, count, heads, tails, distincts }: Steps): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      const base = (FIRST_LANE + lane) * capacity
      const counts = this.#counts[state] as Map<number, number>
      const sealed = this.#sealed[state]
      const end = this.#ends[window] as number
      let tail = place.tails[window] as number
      let head = place.heads[end] as number
      for (let step = 0; step < count; step++) {
        const nextTail = tails[window * size + step] as number
        const nextHead = heads[end * size + step] as number
        if (isFresh(tail, head, nextTail, nextHead)) {
          counts.clear()
          tail = nextTail
          head = nextTail
        }
        while (tail > nextTail) change(counts, sealed, data[base + --tail] as number, 1)
        while (head < nextHead) change(counts, sealed, data[base + head++] as number, 1)
        while (tail < nextTail) change(counts, sealed, data[base + tail++] as number, -1)
        while (head > nextHead) change(counts, sealed, data[base + --head] as number, -1)
        distincts[state * size + step] = counts.size + (sealed?.size ?? 0)
      }
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

  #change({ data, capacity }: RowColumns, { heads, tails }: Place, position: number, by: 1 | -1): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      if (position < (tails[window] as number) || position >= (heads[this.#ends[window] as number] as number)) continue
      const value = data[(FIRST_LANE + lane) * capacity + position] as number
      change(this.#counts[state] as Map<number, number>, this.#sealed[state], value, by)
    }
  }
}

function change(
  counts: Map<number, number>,
  sealed: ReadonlyMap<number, number> | undefined,
  value: number,
  by: 1 | -1,
): void {
  if (Number.isNaN(value) || sealed?.has(value) === true) return
  const count = (counts.get(value) ?? 0) + by
  if (count === 0) counts.delete(value)
  else counts.set(value, count)
}
