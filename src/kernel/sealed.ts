import { compareIds } from './event-order.ts'
import { ExactMoments } from './exact-sum.ts'
import type { GroupPlan } from './plan.ts'
import { type EntityRows, FIRST_LANE } from './rows.ts'

const BYTES_PER_ORDERED_VALUE = 100
const BYTES_PER_DISTINCT_VALUE = 32

interface OrderedValue {
  readonly time: number
  readonly sequence: number
  readonly id: string
  readonly value: number
}

/**
 * What lifetime windows keep of an entity's rows that are held no longer: bounded, whatever the number of rows, except
 * for the different values of an exact distinct count.
 */
export class Sealed {
  readonly #plan: GroupPlan
  readonly moments: ExactMoments
  readonly #firsts: (OrderedValue | undefined)[]
  readonly #lasts: (OrderedValue | undefined)[]
  readonly #extremes: Float64Array
  readonly #distincts: readonly Set<number>[]
  rows = 0
  /** Event time of the last row of all. */
  lastTime = Number.NEGATIVE_INFINITY

  constructor(plan: GroupPlan) {
    this.#plan = plan
    this.moments = new ExactMoments(plan.moments.length)
    this.#firsts = plan.firsts.map(() => undefined)
    this.#lasts = plan.lasts.map(() => undefined)
    this.#extremes = new Float64Array(plan.extremes.length).fill(Number.NaN)
    this.#distincts = plan.distincts.map(() => new Set())
  }

  get byteLength(): number {
    const distinct = this.#distincts.reduce((total, values) => total + values.size, 0)
    const ordered = (this.#firsts.length + this.#lasts.length) * BYTES_PER_ORDERED_VALUE
    return this.moments.byteLength + ordered + distinct * BYTES_PER_DISTINCT_VALUE
  }

  /** Takes in the first `count` rows of an entity, in any order with what was taken in before. */
  take(rows: EntityRows, count: number): void {
    const { moments, windows } = this.#plan
    this.rows += count
    for (const [index, { lane, window, level }] of moments.entries()) {
      if (windows[window]?.kind !== 'lifetime') continue
      const start = (FIRST_LANE + lane) * rows.capacity
      this.moments.move(index, level, rows.data, start, start + count, 1)
    }
    for (let row = 0; row < count; row++) this.#takeRow(rows, row)
  }

  /** Value of the first (last) row of a state; NaN when there is none. */
  first(state: number): number {
    return this.#firsts[state]?.value ?? Number.NaN
  }

  last(state: number): number {
    return this.#lasts[state]?.value ?? Number.NaN
  }

  timeOfLast(state: number): number {
    return this.#lasts[state]?.time ?? Number.NEGATIVE_INFINITY
  }

  extreme(state: number): number {
    return this.#extremes[state] as number
  }

  distinct(state: number): ReadonlySet<number> {
    return this.#distincts[state] as Set<number>
  }

  #takeRow(rows: EntityRows, row: number): void {
    const { firsts, lasts, extremes, distincts } = this.#plan
    this.lastTime = Math.max(this.lastTime, rows.time(row))
    for (const [index, { lane }] of firsts.entries()) {
      const known = this.#firsts[index]
      const candidate = orderedValue(rows, row, lane)
      if (candidate !== undefined && (known === undefined || compare(candidate, known) < 0))
        this.#firsts[index] = candidate
    }
    for (const [index, lane] of lasts.entries()) {
      const known = this.#lasts[index]
      const candidate = orderedValue(rows, row, lane)
      if (candidate !== undefined && (known === undefined || compare(candidate, known) > 0))
        this.#lasts[index] = candidate
    }
    for (const [index, { lane, sign }] of extremes.entries()) {
      const value = rows.lane(lane, row)
      const known = this.#extremes[index] as number
      if (!Number.isNaN(value) && !(sign * known <= sign * value)) this.#extremes[index] = value
    }
    for (const [index, { lane }] of distincts.entries()) {
      const value = rows.lane(lane, row)
      if (!Number.isNaN(value)) this.#distincts[index]?.add(value)
    }
  }
}

function orderedValue(rows: EntityRows, row: number, lane: number): OrderedValue | undefined {
  const value = rows.lane(lane, row)
  if (Number.isNaN(value)) return undefined
  return { time: rows.time(row), sequence: rows.sequence(row), id: rows.id(row), value }
}

function compare(left: OrderedValue, right: OrderedValue): number {
  return left.time - right.time || left.sequence - right.sequence || compareIds(left.id, right.id)
}
