import type { WindowStatistics } from '../language/aggregate/aggregate.ts'
import { ExactMoments } from './exact-sum.ts'
import { Extremes } from './extremes.ts'
import type { GroupPlan, PlannedFeature } from './plan.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from './status.ts'
import { lowerBound } from './window.ts'

/**
 * A place in an entity's rows, with what every window holds there. All windows end at the head, the first row that the
 * reader does not see, and each begins at its own tail. Moving adds the rows that come in and takes away those that
 * go out, in either direction; every state is exact, so the way by which a place was reached cannot show.
 *
 * A cursor is a memo of rows: it can be thrown away at any time.
 */
export class Cursor {
  readonly #plan: GroupPlan
  readonly #moments: ExactMoments
  readonly #tails: Int32Array
  readonly #nextTails: Int32Array
  /** Position of the first value at or after the tail; the head when there is none. */
  readonly #firsts: Int32Array
  /** Position of the last value before the head; one before the origin when there is none. */
  readonly #lasts: Int32Array
  readonly #extremes: readonly Extremes[]
  /** How many rows have each value. */
  readonly #distincts: readonly Map<number, number>[]
  readonly #statistics: WindowStatistics
  #sealed: Sealed | undefined
  #origin = 0
  #head = 0

  constructor(plan: GroupPlan) {
    this.#plan = plan
    this.#moments = new ExactMoments(plan.moments.length)
    this.#tails = new Int32Array(plan.windows.length)
    this.#nextTails = new Int32Array(plan.windows.length)
    this.#firsts = new Int32Array(plan.firsts.length)
    this.#lasts = new Int32Array(plan.lasts.length).fill(-1)
    this.#extremes = plan.extremes.map(({ lane, sign }) => new Extremes(lane, sign))
    this.#distincts = plan.distincts.map(() => new Map())
    this.#statistics = {
      time: Number.NaN,
      rows: 0,
      values: 0,
      sum: Number.NaN,
      spread: Number.NaN,
      smallest: Number.NaN,
      largest: Number.NaN,
      first: Number.NaN,
      last: Number.NaN,
      lastTime: Number.NaN,
      distinct: 0,
    }
  }

  /** Position of the first row that is not seen. */
  get head(): number {
    return this.#head
  }

  get byteLength(): number {
    const extremes = this.#extremes.reduce((total, { byteLength }) => total + byteLength, 0)
    const positions = 2 * this.#tails.byteLength + this.#firsts.byteLength + this.#lasts.byteLength
    const counted = this.#distincts.reduce((total, counts) => total + counts.size, 0)
    return this.#moments.byteLength + positions + extremes + counted * BYTES_PER_COUNTED_VALUE
  }

  /**
   * Sets the cursor before the row at `origin`, where an entity's rows begin.
   * @param sealed what lifetime windows keep of earlier rows
   */
  reset(origin: number, sealed: Sealed | undefined): void {
    const { moments, windows } = this.#plan
    this.#sealed = sealed
    this.#origin = origin
    this.#head = origin
    this.#tails.fill(origin)
    this.#firsts.fill(origin)
    this.#lasts.fill(origin - 1)
    this.#moments.clear()
    for (const extremes of this.#extremes) extremes.reset(origin)
    for (const counts of this.#distincts) if (counts.size > 0) counts.clear()
    if (sealed === undefined) return
    for (const [state, { window }] of moments.entries())
      if (windows[window]?.kind === 'lifetime') this.#moments.merge(sealed.moments, state)
  }

  /**
   * Moves the head, and every tail to where its window begins at `time`.
   * @param head position of the first row that the reader does not see; all rows before it have event times before `time`
   */
  seek(rows: RowColumns, head: number, time: number): void {
    this.#statistics.time = time
    this.#findTails(rows, head, time)
    this.#moveMoments(rows, head)
    this.#moveDistincts(rows, head)
    this.#moveFirsts(rows, head)
    this.#moveLasts(rows, head)
    this.#moveExtremes(rows, head)
    this.#tails.set(this.#nextTails)
    this.#head = head
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, position: number): void {
    const { moments, distincts, lasts, firsts } = this.#plan
    const { data, capacity } = rows
    const isInside = (window: number) => position >= (this.#tails[window] as number)
    for (const [state, { lane, window, level }] of moments.entries()) {
      if (!isInside(window)) continue
      const at = (FIRST_LANE + lane) * capacity + position
      this.#moments.move(state, level, data, at, at + 1, 1)
    }
    for (const [state, { lane, window }] of distincts.entries())
      if (isInside(window)) this.#count(state, data, (FIRST_LANE + lane) * capacity + position, 1)
    for (const [state, { lane, window }] of firsts.entries()) {
      const first = this.#firsts[state] as number
      const isFirst = isInside(window) && !Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])
      if (position <= first) this.#firsts[state] = isFirst ? position : first + 1
    }
    for (const [state, lane] of lasts.entries()) {
      const last = this.#lasts[state] as number
      if (position <= last) this.#lasts[state] = last + 1
      else if (!Number.isNaN(data[(FIRST_LANE + lane) * capacity + position])) this.#lasts[state] = position
    }
    for (const extremes of this.#extremes) extremes.insert(rows, position)
    for (let window = 0; window < this.#tails.length; window++)
      if (!isInside(window)) this.#tails[window] = (this.#tails[window] as number) + 1
    this.#head += 1
  }

  /**
   * Writes value and status of every feature, in the order of the plan.
   * @param at where the first one goes
   */
  read(rows: RowColumns, values: Float64Array, statuses: Uint8Array, at: number): void {
    const { features, horizon } = this.#plan
    const isKnown = this.#rowsIn(horizon) > 0
    const statistics = this.#statistics
    for (let index = 0; index < features.length; index++) {
      const feature = features[index] as PlannedFeature
      const count = feature.rowMoments === -1 ? this.#rowsIn(feature.window) : this.#moments.count(feature.rowMoments)
      let value = feature.aggregate.empty
      let status: number = isKnown ? EMPTY : UNKNOWN_KEY
      if (count > 0) {
        statistics.rows = count
        this.#fill(feature, rows)
        value = feature.aggregate.finish(statistics)
        status = Number.isNaN(value) ? NULL : VALUE
      }
      values[at + index] = value
      statuses[at + index] = status
    }
  }

  #findTails({ data }: RowColumns, head: number, time: number): void {
    const { windows } = this.#plan
    for (let window = 0; window < windows.length; window++) {
      const bound = lowerBound(windows[window] as GroupPlan['windows'][number], time)
      let tail = Math.min(this.#tails[window] as number, head)
      while (tail < head && (data[tail] as number) < bound) tail += 1
      while (tail > this.#origin && (data[tail - 1] as number) >= bound) tail -= 1
      this.#nextTails[window] = tail
    }
  }

  #moveMoments({ data, capacity }: RowColumns, head: number): void {
    const { moments } = this.#plan
    for (let state = 0; state < moments.length; state++) {
      const { lane, window, level } = moments[state] as GroupPlan['moments'][number]
      const base = (FIRST_LANE + lane) * capacity
      const tail = base + (this.#tails[window] as number)
      const nextTail = base + (this.#nextTails[window] as number)
      const end = base + this.#head
      const nextEnd = base + head
      if (isFresh(tail, end, nextTail, nextEnd)) {
        this.#moments.clearState(state)
        this.#moments.move(state, level, data, nextTail, nextEnd, 1)
        continue
      }
      if (nextTail > tail) this.#moments.move(state, level, data, tail, nextTail, -1)
      else if (nextTail < tail) this.#moments.move(state, level, data, nextTail, tail, 1)
      if (nextEnd > end) this.#moments.move(state, level, data, end, nextEnd, 1)
      else if (nextEnd < end) this.#moments.move(state, level, data, nextEnd, end, -1)
    }
  }

  #moveDistincts({ data, capacity }: RowColumns, head: number): void {
    const { distincts } = this.#plan
    for (let state = 0; state < distincts.length; state++) {
      const { lane, window } = distincts[state] as GroupPlan['distincts'][number]
      const base = (FIRST_LANE + lane) * capacity
      let tail = base + (this.#tails[window] as number)
      let end = base + this.#head
      const nextTail = base + (this.#nextTails[window] as number)
      const nextEnd = base + head
      if (isFresh(tail, end, nextTail, nextEnd)) {
        this.#distincts[state]?.clear()
        tail = nextTail
        end = nextTail
      }
      while (tail > nextTail) this.#count(state, data, --tail, 1)
      while (end < nextEnd) this.#count(state, data, end++, 1)
      while (tail < nextTail) this.#count(state, data, tail++, -1)
      while (end > nextEnd) this.#count(state, data, --end, -1)
    }
  }

  #count(state: number, data: Float64Array, at: number, change: 1 | -1): void {
    const value = data[at] as number
    const isLifetime = this.#plan.windows[this.#plan.distincts[state]?.window ?? -1]?.kind === 'lifetime'
    if (Number.isNaN(value) || (isLifetime && this.#sealed?.distinct(state).has(value))) return
    const counts = this.#distincts[state] as Map<number, number>
    const count = (counts.get(value) ?? 0) + change
    if (count === 0) counts.delete(value)
    else counts.set(value, count)
  }

  #moveFirsts({ data, capacity }: RowColumns, head: number): void {
    const { firsts } = this.#plan
    for (let state = 0; state < firsts.length; state++) {
      const { lane, window } = firsts[state] as GroupPlan['firsts'][number]
      const base = (FIRST_LANE + lane) * capacity
      const tail = this.#nextTails[window] as number
      let first = tail < (this.#tails[window] as number) ? tail : Math.max(this.#firsts[state] as number, tail)
      first = Math.min(first, head)
      while (first < head && Number.isNaN(data[base + first])) first += 1
      this.#firsts[state] = first
    }
  }

  #moveLasts({ data, capacity }: RowColumns, head: number): void {
    const { lasts } = this.#plan
    for (let state = 0; state < lasts.length; state++) {
      const base = (FIRST_LANE + (lasts[state] as number)) * capacity
      const known = this.#lasts[state] as number
      // Rows between the last value and the old head have none.
      const from = known < head ? this.#head : this.#origin
      let last = head - 1
      while (last >= from && Number.isNaN(data[base + last])) last -= 1
      if (last >= from) this.#lasts[state] = last
      else if (known >= head) this.#lasts[state] = this.#origin - 1
    }
  }

  #moveExtremes(rows: RowColumns, head: number): void {
    const { extremes } = this.#plan
    for (let state = 0; state < extremes.length; state++) {
      let from = head
      for (const window of (extremes[state] as GroupPlan['extremes'][number]).windows)
        from = Math.min(from, this.#nextTails[window] as number)
      this.#extremes[state]?.seek(rows, from, head)
    }
  }

  #rowsIn(window: number): number {
    const held = this.#head - (this.#tails[window] as number)
    return this.#sealedOf(window) === undefined ? held : held + (this.#sealed?.rows ?? 0)
  }

  #sealedOf(window: number): Sealed | undefined {
    return this.#plan.windows[window]?.kind === 'lifetime' ? this.#sealed : undefined
  }

  /** The statistics that a feature needs, of a window that has rows. */
  #fill(feature: PlannedFeature, rows: RowColumns): void {
    const statistics = this.#statistics
    const { moments } = feature
    if (moments !== -1) {
      statistics.values = this.#moments.count(moments)
      if (feature.needsSpread) statistics.spread = this.#moments.spread(moments)
      else statistics.sum = this.#moments.sum(moments)
    }
    if (feature.smallest !== -1) statistics.smallest = this.#extreme(feature.smallest, feature.window, rows)
    if (feature.largest !== -1) statistics.largest = this.#extreme(feature.largest, feature.window, rows)
    if (feature.first !== -1) statistics.first = this.#firstValue(feature.first, feature.window, rows)
    if (feature.last !== -1) statistics.last = this.#lastValue(feature.last, feature.window, rows)
    if (feature.needsLastTime) statistics.lastTime = this.#lastTime(feature.lastTime, feature.window, rows)
    if (feature.distinct !== -1)
      statistics.distinct =
        (this.#distincts[feature.distinct]?.size ?? 0) +
        (this.#sealedOf(feature.window)?.distinct(feature.distinct).size ?? 0)
  }

  #extreme(state: number, window: number, rows: RowColumns): number {
    const held = (this.#extremes[state] as Extremes).from(rows, this.#tails[window] as number)
    const sealed = this.#sealedOf(window)?.extreme(state) ?? Number.NaN
    if (Number.isNaN(sealed)) return held
    return this.#plan.extremes[state]?.sign === 1 ? minimum(held, sealed) : -minimum(-held, -sealed)
  }

  #firstValue(state: number, window: number, rows: RowColumns): number {
    const sealed = this.#sealedOf(window)?.first(state) ?? Number.NaN
    const first = this.#firsts[state] as number
    if (!Number.isNaN(sealed) || first === this.#head) return sealed
    return rows.data[(FIRST_LANE + (this.#plan.firsts[state]?.lane ?? 0)) * rows.capacity + first] as number
  }

  #lastValue(state: number, window: number, rows: RowColumns): number {
    const last = this.#lasts[state] as number
    if (last >= (this.#tails[window] as number))
      return rows.data[(FIRST_LANE + (this.#plan.lasts[state] as number)) * rows.capacity + last] as number
    return this.#sealedOf(window)?.last(state) ?? Number.NaN
  }

  /** @param state -1 when every row counts */
  #lastTime(state: number, window: number, rows: RowColumns): number {
    const last = state === -1 ? this.#head - 1 : (this.#lasts[state] as number)
    if (last >= (this.#tails[window] as number)) return rows.data[last] as number
    const sealed = this.#sealedOf(window)
    return (state === -1 ? sealed?.lastTime : sealed?.timeOfLast(state)) ?? Number.NaN
  }
}

/** About what a Map takes for an entry. */
const BYTES_PER_COUNTED_VALUE = 40

/** Whether it is cheaper to begin anew with [nextTail, nextEnd) than to move there from [tail, end). */
function isFresh(tail: number, end: number, nextTail: number, nextEnd: number): boolean {
  if (tail === nextTail) return false
  return Math.abs(nextTail - tail) + Math.abs(nextEnd - end) > nextEnd - nextTail
}

/** The smaller one; NaN is no value. */
function minimum(left: number, right: number): number {
  return left < right || Number.isNaN(right) ? left : right
}
