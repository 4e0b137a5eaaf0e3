import type { Bag } from './collections/bag.ts'
import type { SealedEnds } from './collections/ordered-view.ts'
import { compareIds } from './event-order.ts'
import { ExactMoments } from './exact-sum.ts'
import type { GroupPlan } from './plan.ts'
import { type EntityRows, FIRST_LANE } from './rows.ts'
import { SealedCollections } from './sealed-collections.ts'
import type { StateReader, StateWriter } from './state-words.ts'

const BYTES_PER_ORDERED_VALUE = 100
const BYTES_PER_DISTINCT_VALUE = 40

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
  /** How many rows have each value. */
  readonly #distincts: readonly Map<number, number>[]
  readonly #collections: SealedCollections | undefined
  rows = 0
  /** Event times of the first and of the last row of all. */
  firstTime = Number.POSITIVE_INFINITY
  lastTime = Number.NEGATIVE_INFINITY
  /**
   * Whether all states are known. One is not once a row was taken away that was the first, the last or an extreme: the
   * one that takes its part is held no longer.
   */
  isKnown = true

  constructor(plan: GroupPlan) {
    this.#plan = plan
    this.moments = new ExactMoments(plan.moments.length)
    this.#firsts = plan.firsts.map(() => undefined)
    this.#lasts = plan.lasts.map(() => undefined)
    this.#extremes = new Float64Array(plan.extremes.length).fill(Number.NaN)
    this.#distincts = plan.distincts.map(() => new Map())
    this.#collections = plan.collections.length === 0 ? undefined : new SealedCollections(plan)
  }

  get byteLength(): number {
    const distinct = this.#distincts.reduce((total, values) => total + values.size, 0)
    const ordered = (this.#firsts.length + this.#lasts.length) * BYTES_PER_ORDERED_VALUE
    const collections = this.#collections?.byteLength ?? 0
    return this.moments.byteLength + ordered + distinct * BYTES_PER_DISTINCT_VALUE + collections
  }

  /** Takes in the first `count` rows of an entity, in any order with what was taken in before. */
  take(rows: EntityRows, count: number): void {
    this.rows += count
    this.#moveMoments(rows, count, 1)
    for (let row = 0; row < count; row++) this.#takeRow(rows, row)
  }

  /**
   * Takes away a row that was taken in, the first of `rows`. Sums, counts and different values are as if it had never
   * been; see `isKnown` for the others.
   */
  takeAway(rows: EntityRows): void {
    const { firsts, lasts, extremes, distincts } = this.#plan
    this.rows -= 1
    this.#moveMoments(rows, 1, -1)
    for (const [index, { lane }] of distincts.entries()) {
      const value = rows.lane(lane, 0)
      const count = this.#distincts[index]?.get(value) ?? 0
      if (count > 1) this.#distincts[index]?.set(value, count - 1)
      else this.#distincts[index]?.delete(value)
    }
    const isEnd = (ends: readonly (OrderedValue | undefined)[], index: number, lane: number) => {
      const [known, gone] = [ends[index], orderedValue(rows, 0, lane)]
      return known !== undefined && gone !== undefined && compare(known, gone) === 0
    }
    const isNeeded =
      this.#collections?.takeAway(rows, 0) === false ||
      rows.time(0) === this.firstTime ||
      rows.time(0) === this.lastTime ||
      firsts.some(({ lane }, index) => isEnd(this.#firsts, index, lane)) ||
      lasts.some(({ lane }, index) => isEnd(this.#lasts, index, lane)) ||
      extremes.some(({ lane }, index) => rows.lane(lane, 0) === this.#extremes[index])
    if (isNeeded) this.isKnown = false
  }

  /** Takes in all that another of the same plan has taken in: other rows, before, after or among its own. */
  merge(other: Sealed): void {
    const { moments, windows, extremes } = this.#plan
    this.rows += other.rows
    this.firstTime = Math.min(this.firstTime, other.firstTime)
    this.lastTime = Math.max(this.lastTime, other.lastTime)
    this.isKnown &&= other.isKnown
    for (const [index, { window }] of moments.entries())
      if (windows[window]?.kind === 'lifetime') this.moments.merge(other.moments, index)
    for (const [index, first] of other.#firsts.entries()) this.#offerFirst(index, first)
    for (const [index, last] of other.#lasts.entries()) this.#offerLast(index, last)
    for (const index of extremes.keys()) this.#offerExtreme(index, other.extreme(index))
    for (const [index, values] of other.#distincts.entries())
      for (const [value, count] of values) this.#count(index, value, count)
    if (other.#collections !== undefined) this.#collections?.merge(other.#collections)
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

  /** Different values of a state, with how many rows have each. */
  distinct(state: number): ReadonlyMap<number, number> {
    return this.#distincts[state] as Map<number, number>
  }

  /** What a collection keeps: a bag of values, or its first and last ones. */
  bag(collection: number): Bag | undefined {
    return this.#collections?.bag(collection)
  }

  orderedEnds(collection: number): SealedEnds | undefined {
    return this.#collections?.ends(collection)
  }

  /** Writes all states. */
  write(to: StateWriter): void {
    for (const number of [this.rows, this.firstTime, this.lastTime, Number(this.isKnown)]) to.number(number)
    this.moments.write(to)
    for (const end of [...this.#firsts, ...this.#lasts]) writeOrdered(to, end)
    to.numbers(this.#extremes)
    for (const counts of this.#distincts) {
      to.list(Float64Array.from(counts.keys()))
      to.numbers(Float64Array.from(counts.values()))
    }
    this.#collections?.write(to)
  }

  /** Reads what `write` wrote of the same plan. */
  static read(plan: GroupPlan, from: StateReader): Sealed {
    const sealed = new Sealed(plan)
    sealed.rows = from.number()
    sealed.firstTime = from.number()
    sealed.lastTime = from.number()
    sealed.isKnown = from.number() === 1
    sealed.moments.read(from)
    for (const ends of [sealed.#firsts, sealed.#lasts]) for (const state of ends.keys()) ends[state] = readOrdered(from)
    sealed.#extremes.set(from.numbers(sealed.#extremes.length))
    for (const counts of sealed.#distincts) {
      const values = from.list()
      for (const [index, count] of from.numbers(values.length).entries()) counts.set(values[index] as number, count)
    }
    sealed.#collections?.read(from)
    return sealed
  }

  #moveMoments(rows: EntityRows, count: number, sign: 1 | -1): void {
    const { moments, windows } = this.#plan
    for (const [index, { lane, window, level }] of moments.entries()) {
      if (windows[window]?.kind !== 'lifetime') continue
      const start = rows.origin + (FIRST_LANE + lane) * rows.capacity
      this.moments.move(index, level, rows.data, start, start + count, sign)
    }
  }

  #takeRow(rows: EntityRows, row: number): void {
    const { firsts, lasts, extremes, distincts } = this.#plan
    this.firstTime = Math.min(this.firstTime, rows.time(row))
    this.lastTime = Math.max(this.lastTime, rows.time(row))
    this.#collections?.take(rows, row)
    for (const [index, { lane }] of firsts.entries()) this.#offerFirst(index, orderedValue(rows, row, lane))
    for (const [index, { lane }] of lasts.entries()) this.#offerLast(index, orderedValue(rows, row, lane))
    for (const [index, { lane }] of extremes.entries()) this.#offerExtreme(index, rows.lane(lane, row))
    for (const [index, { lane }] of distincts.entries()) {
      const value = rows.lane(lane, row)
      if (!Number.isNaN(value)) this.#count(index, value, 1)
    }
  }

  #offerFirst(index: number, candidate: OrderedValue | undefined): void {
    const known = this.#firsts[index]
    if (candidate !== undefined && (known === undefined || compare(candidate, known) < 0))
      this.#firsts[index] = candidate
  }

  #offerLast(index: number, candidate: OrderedValue | undefined): void {
    const known = this.#lasts[index]
    if (candidate !== undefined && (known === undefined || compare(candidate, known) > 0))
      this.#lasts[index] = candidate
  }

  #offerExtreme(index: number, value: number): void {
    const sign = this.#plan.extremes[index]?.sign ?? 1
    const known = this.#extremes[index] as number
    if (!Number.isNaN(value) && !(sign * known <= sign * value)) this.#extremes[index] = value
  }

  #count(index: number, value: number, rows: number): void {
    const counts = this.#distincts[index]
    counts?.set(value, (counts.get(value) ?? 0) + rows)
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

/** A value that is none is NaN: a known one never is. */
function writeOrdered(to: StateWriter, ordered: OrderedValue | undefined): void {
  const { value, time, sequence, id } = ordered ?? noValue
  for (const number of [value, time, sequence]) to.number(number)
  to.text(id)
}

function readOrdered(from: StateReader): OrderedValue | undefined {
  const value = from.number()
  const time = from.number()
  const sequence = from.number()
  const id = from.text()
  return Number.isNaN(value) ? undefined : { value, time, sequence, id }
}

const noValue: OrderedValue = { value: Number.NaN, time: 0, sequence: 0, id: '' }
