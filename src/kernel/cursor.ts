import type { WindowStatistics } from '../language/aggregate/aggregate.ts'
import { Distincts } from './distincts.ts'
import { Firsts, Lasts } from './ends.ts'
import { Extremes } from './extremes.ts'
import { Moments } from './moments.ts'
import type { GroupPlan, PlannedFeature } from './plan.ts'
import type { RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from './status.ts'
import type { Step } from './step.ts'
import { floorTo } from './window.ts'

/**
 * A place in an entity's rows, with what every window holds there. All windows end at the head, the first row that the
 * reader does not see, and each begins at its own tail. Moving adds the rows that come in and takes away those that
 * go out, in either direction; every state is exact, so the way by which a place was reached cannot show.
 *
 * A cursor is a memo of rows: it can be thrown away at any time.
 */
export class Cursor {
  readonly #plan: GroupPlan
  readonly #step: Step
  /** Of each window: Infinity for a lifetime. */
  readonly #lengths: Float64Array
  /** Of each window: 0 where it has none. */
  readonly #hops: Float64Array
  readonly #lifetimes: readonly boolean[]
  readonly #moments: Moments
  readonly #distincts: Distincts
  readonly #firsts: Firsts
  readonly #lasts: Lasts
  readonly #extremes: Extremes
  readonly #statistics: WindowStatistics
  #sealed: Sealed | undefined

  constructor(plan: GroupPlan) {
    const windows = plan.windows.length
    this.#plan = plan
    this.#step = {
      data: new Float64Array(0),
      capacity: 0,
      origin: 0,
      tails: new Int32Array(windows),
      head: 0,
      nextTails: new Int32Array(windows),
      nextHead: 0,
    }
    this.#lengths = Float64Array.from(plan.windows, (window) => (window.kind === 'lifetime' ? Infinity : window.length))
    this.#hops = Float64Array.from(plan.windows, (window) => (window.kind === 'hop' ? window.hop : 0))
    this.#lifetimes = plan.windows.map(({ kind }) => kind === 'lifetime')
    this.#moments = new Moments(plan)
    this.#distincts = new Distincts(plan)
    this.#firsts = new Firsts(plan)
    this.#lasts = new Lasts(plan)
    this.#extremes = new Extremes(plan)
    this.#statistics = emptyStatistics()
    this.reset(0, undefined)
  }

  /** Position of the first row that is not seen. */
  get head(): number {
    return this.#step.head
  }

  get byteLength(): number {
    const states = [this.#moments, this.#distincts, this.#firsts, this.#lasts, this.#extremes]
    return states.reduce((total, { byteLength }) => total + byteLength, 2 * this.#lengths.byteLength)
  }

  /**
   * Sets the cursor before the row at `origin`, where an entity's rows begin.
   * @param sealed what lifetime windows keep of earlier rows
   */
  reset(origin: number, sealed: Sealed | undefined): void {
    this.#step.origin = origin
    this.#step.head = origin
    this.#step.tails.fill(origin)
    this.#sealed = sealed
    this.#moments.reset(sealed)
    this.#distincts.reset(sealed)
    this.#firsts.reset(origin)
    this.#lasts.reset(origin)
    this.#extremes.reset(origin)
  }

  /**
   * Moves the head, and every tail to where its window begins at `time`.
   * @param head position of the first row that the reader does not see; all rows before it have event times before `time`
   */
  seek(rows: RowColumns, head: number, time: number): void {
    const step = this.#step
    step.data = rows.data
    step.capacity = rows.capacity
    step.nextHead = head
    this.#statistics.time = time
    this.#findTails(time)
    this.#moments.move(step)
    this.#distincts.move(step)
    this.#firsts.move(step)
    this.#lasts.move(step)
    this.#extremes.move(step)
    const { tails } = step
    step.tails = step.nextTails
    step.nextTails = tails
    step.head = head
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, position: number): void {
    const step = this.#step
    step.data = rows.data
    step.capacity = rows.capacity
    this.#moments.insert(step, position)
    this.#distincts.insert(step, position)
    this.#firsts.insert(step, position)
    this.#lasts.insert(step, position)
    this.#extremes.insert(step, position)
    for (const [window, tail] of step.tails.entries()) if (position < tail) step.tails[window] = tail + 1
    step.head += 1
  }

  /**
   * Writes value and status of every feature, in the order of the plan, as of the last `seek`.
   * @param at where the first one goes
   */
  read(values: Float64Array, statuses: Uint8Array, at: number): void {
    const { features, horizon } = this.#plan
    const absent = this.#rowsIn(horizon) > 0 ? EMPTY : UNKNOWN_KEY
    const statistics = this.#statistics
    for (let index = 0; index < features.length; index++) {
      const feature = features[index] as PlannedFeature
      const rows = feature.rowMoments === -1 ? this.#rowsIn(feature.window) : this.#moments.count(feature.rowMoments)
      if (rows === 0) {
        values[at + index] = feature.aggregate.empty
        statuses[at + index] = absent
        continue
      }
      statistics.rows = rows
      this.#fill(feature)
      const value = feature.aggregate.finish(statistics)
      values[at + index] = value
      statuses[at + index] = Number.isNaN(value) ? NULL : VALUE
    }
  }

  #findTails(time: number): void {
    const { data, origin, tails, nextTails, nextHead } = this.#step
    for (let window = 0; window < tails.length; window++) {
      const hop = this.#hops[window] as number
      const start = time - (this.#lengths[window] as number)
      const bound = hop === 0 ? start : floorTo(start, hop)
      let tail = Math.min(tails[window] as number, nextHead)
      while (tail < nextHead && (data[tail] as number) < bound) tail += 1
      while (tail > origin && (data[tail - 1] as number) >= bound) tail -= 1
      nextTails[window] = tail
    }
  }

  #rowsIn(window: number): number {
    const held = this.#step.head - (this.#step.tails[window] as number)
    return held + (this.#sealedOf(window)?.rows ?? 0)
  }

  #sealedOf(window: number): Sealed | undefined {
    return this.#lifetimes[window] === true ? this.#sealed : undefined
  }

  /** The statistics that a feature needs, of a window that has rows. */
  #fill(feature: PlannedFeature): void {
    const statistics = this.#statistics
    const { window, moments, needs } = feature
    if (moments !== -1) {
      statistics.values = this.#moments.count(moments)
      if (needs.sum) statistics.sum = this.#moments.sum(moments)
      if (needs.spread) statistics.spread = this.#moments.spread(moments)
    }
    if (needs.moments) return
    if (feature.smallest !== -1) statistics.smallest = this.#extreme(feature.smallest, window)
    if (feature.largest !== -1) statistics.largest = this.#extreme(feature.largest, window)
    if (feature.first !== -1) statistics.first = this.#first(feature.first, window)
    if (feature.last !== -1) statistics.last = this.#last(feature.last, window)
    if (needs.lastTime) statistics.lastTime = this.#lastTime(feature.lastTime, window)
    if (feature.distinct !== -1) statistics.distinct = this.#distincts.size(feature.distinct)
  }

  #extreme(state: number, window: number): number {
    const held = this.#extremes.from(state, this.#step, this.#step.tails[window] as number)
    const sealed = this.#sealedOf(window)?.extreme(state) ?? Number.NaN
    if (Number.isNaN(sealed) || Number.isNaN(held)) return Number.isNaN(held) ? sealed : held
    return this.#plan.extremes[state]?.sign === 1 ? Math.min(held, sealed) : Math.max(held, sealed)
  }

  #first(state: number, window: number): number {
    const sealed = this.#sealedOf(window)?.first(state) ?? Number.NaN
    return Number.isNaN(sealed) ? this.#firsts.value(state, this.#step) : sealed
  }

  #last(state: number, window: number): number {
    const isInside = this.#lasts.position(state) >= (this.#step.tails[window] as number)
    return isInside ? this.#lasts.value(state, this.#step) : (this.#sealedOf(window)?.last(state) ?? Number.NaN)
  }

  /** @param state -1 when every row counts */
  #lastTime(state: number, window: number): number {
    const { data, head, tails } = this.#step
    const last = state === -1 ? head - 1 : this.#lasts.position(state)
    if (last >= (tails[window] as number)) return data[last] as number
    const sealed = this.#sealedOf(window)
    return (state === -1 ? sealed?.lastTime : sealed?.timeOfLast(state)) ?? Number.NaN
  }
}

/** NaN where a number will be a fraction keeps the field a double from the start. */
function emptyStatistics(): WindowStatistics {
  const { NaN: none } = Number
  return {
    time: none,
    rows: 0,
    values: 0,
    sum: none,
    spread: none,
    smallest: none,
    largest: none,
    first: none,
    last: none,
    lastTime: none,
    distinct: 0,
  }
}
