import type { GroupPlan } from './plan.ts'
import { FIRST_LANE } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { isFresh, type Step } from './step.ts'

/** About what a Map takes for an entry. */
const BYTES_PER_VALUE = 40

/** The different values of lanes over windows. */
export class Distincts {
  readonly #states: GroupPlan['distincts']
  readonly #isLifetime: readonly boolean[]
  /** How many rows have each value; values that are sealed are not counted again. */
  readonly #counts: readonly Map<number, number>[]
  #sealed: Sealed | undefined

  constructor({ distincts, windows }: GroupPlan) {
    this.#states = distincts
    this.#isLifetime = distincts.map(({ window }) => windows[window]?.kind === 'lifetime')
    this.#counts = distincts.map(() => new Map())
  }

  get byteLength(): number {
    return this.#counts.reduce((total, counts) => total + counts.size, 0) * BYTES_PER_VALUE
  }

  reset(sealed: Sealed | undefined): void {
    this.#sealed = sealed
    for (const counts of this.#counts) if (counts.size > 0) counts.clear()
  }

  move({ data, capacity, tails, head, nextTails, nextHead }: Step): void {
    for (let state = 0; state < this.#states.length; state++) {
      const { lane, window } = this.#states[state] as GroupPlan['distincts'][number]
      const base = (FIRST_LANE + lane) * capacity
      const nextTail = nextTails[window] as number
      let tail = tails[window] as number
      let end = head
      if (isFresh(tail, end, nextTail, nextHead)) {
        this.#counts[state]?.clear()
        tail = nextTail
        end = nextTail
      }
      while (tail > nextTail) this.#count(state, data[base + --tail] as number, 1)
      while (end < nextHead) this.#count(state, data[base + end++] as number, 1)
      while (tail < nextTail) this.#count(state, data[base + tail++] as number, -1)
      while (end > nextHead) this.#count(state, data[base + --end] as number, -1)
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert({ data, capacity, tails }: Step, position: number): void {
    for (const [state, { lane, window }] of this.#states.entries()) {
      if (position < (tails[window] as number)) continue
      this.#count(state, data[(FIRST_LANE + lane) * capacity + position] as number, 1)
    }
  }

  /** How many different values there are. */
  size(state: number): number {
    const sealed = this.#isLifetime[state] === true ? this.#sealed?.distinct(state).size : 0
    return (this.#counts[state]?.size ?? 0) + (sealed ?? 0)
  }

  #count(state: number, value: number, change: 1 | -1): void {
    if (Number.isNaN(value)) return
    if (this.#isLifetime[state] === true && this.#sealed?.distinct(state).has(value)) return
    const counts = this.#counts[state] as Map<number, number>
    const count = (counts.get(value) ?? 0) + change
    if (count === 0) counts.delete(value)
    else counts.set(value, count)
  }
}
