import type { Window } from '../language/define/window.ts'
import { Collected } from './collected.ts'
import { backToBound, countBelow, onToBound, STRIDE } from './count-below.ts'
import { Distincts } from './distincts.ts'
import { Firsts, Lasts } from './ends.ts'
import { Extremes } from './extremes.ts'
import { Moments } from './moments.ts'
import type { GroupPlan } from './plan.ts'
import type { RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import type { Place, Steps } from './steps.ts'
import { floorTo } from './window.ts'

/** About what a cursor takes besides its arrays, measured. */
const BYTES_OF_OBJECTS = 2500

/**
 * A place in an entity's rows, with what every window holds there. All windows end at the head, the first row that the
 * reader does not see, or where they are delayed before it; and each begins at its own tail. Moving adds the rows that come in and takes away those that
 * go out, in either direction; every state is exact, so the way by which a place was reached cannot show.
 *
 * A cursor is a memo of rows: it can be thrown away at any time.
 */
export class Cursor {
  readonly #plan: GroupPlan
  readonly #place: Place
  readonly #moments: Moments
  // A group that needs none of a family has none: every object more is another wait for memory at each read.
  readonly #distincts: Distincts | undefined
  readonly #firsts: Firsts | undefined
  readonly #lasts: Lasts | undefined
  readonly #extremes: Extremes | undefined
  readonly #collected: Collected | undefined

  constructor(plan: GroupPlan) {
    this.#plan = plan
    const { delays, windows } = plan
    this.#place = { origin: 0, heads: new Int32Array(delays.length), tails: new Int32Array(windows.length) }
    this.#moments = new Moments(plan)
    this.#distincts = plan.distincts.length === 0 ? undefined : new Distincts(plan)
    this.#firsts = plan.firsts.length === 0 ? undefined : new Firsts(plan)
    this.#lasts = plan.lasts.length === 0 ? undefined : new Lasts(plan)
    this.#extremes = plan.extremes.length === 0 ? undefined : new Extremes(plan)
    this.#collected = plan.collections.length === 0 ? undefined : new Collected(plan)
    this.reset(0, undefined)
  }

  /** Position of the first row that is not seen. */
  get head(): number {
    return this.#place.heads[0] as number
  }

  /** Estimate of the bytes held. */
  get byteLength(): number {
    const states = [this.#moments, this.#distincts, this.#firsts, this.#lasts, this.#extremes, this.#collected]
    return states.reduce((total, state) => total + (state?.byteLength ?? 0), BYTES_OF_OBJECTS)
  }

  /**
   * Sets the cursor before the row at `origin`, where an entity's rows begin.
   * @param sealed what lifetime windows keep of earlier rows
   */
  reset(origin: number, sealed: Sealed | undefined): void {
    this.#place.origin = origin
    this.#place.heads.fill(origin)
    this.#place.tails.fill(origin)
    this.#moments.reset(sealed)
    this.#distincts?.reset(sealed)
    this.#firsts?.reset(origin)
    this.#lasts?.reset(origin)
    this.#extremes?.reset(origin)
    this.#collected?.reset(sealed)
  }

  /** Takes steps whose times and heads are given, and writes down what every window holds after each. */
  take(rows: RowColumns, steps: Steps): void {
    const place = this.#place
    if (place.heads.length > 1) this.#findHeads(rows.data, steps)
    this.#findTails(rows.data, steps)
    this.#moments.move(rows, place, steps)
    this.#distincts?.move(rows, place, steps)
    this.#firsts?.move(rows, place, steps)
    this.#lasts?.move(rows, place, steps)
    this.#extremes?.move(rows, steps)
    this.#collected?.move(rows, place, steps)
    const last = steps.count - 1
    for (let window = 0; window < place.tails.length; window++)
      place.tails[window] = steps.tails[window * steps.size + last] as number
    for (let end = 0; end < place.heads.length; end++) place.heads[end] = steps.heads[end * steps.size + last] as number
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, position: number): void {
    const place = this.#place
    this.#moments.insert(rows, place, position)
    this.#distincts?.insert(rows, place, position)
    this.#firsts?.insert(rows, place, position)
    this.#lasts?.insert(rows, place, position)
    this.#extremes?.insert(rows, place, position)
    this.#collected?.insert(rows, place, position)
    for (const [window, tail] of place.tails.entries()) if (position < tail) place.tails[window] = tail + 1
    for (const [end, head] of place.heads.entries()) if (position < head) place.heads[end] = head + 1
  }

  /** Takes note of a row before the head that is about to be taken away; it is still at its position. */
  remove(rows: RowColumns, position: number): void {
    const place = this.#place
    this.#moments.remove(rows, place, position)
    this.#distincts?.remove(rows, place, position)
    this.#firsts?.remove(rows, place, position)
    this.#lasts?.remove(rows, place, position)
    this.#extremes?.remove(rows, place, position)
    this.#collected?.remove(rows, place, position)
    for (const [window, tail] of place.tails.entries()) if (position < tail) place.tails[window] = tail - 1
    for (const [end, head] of place.heads.entries()) if (position < head) place.heads[end] = head - 1
  }

  /** Where delayed windows end. */
  #findHeads(data: Float64Array, { size, count, times, heads }: Steps): void {
    const place = this.#place
    const { delays } = this.#plan
    for (let end = 1; end < delays.length; end++) {
      const delay = delays[end] as number
      let head = place.heads[end] as number
      for (let step = 0; step < count; step++) {
        const bound = (times[step] as number) - delay
        const last = heads[step] as number
        if (head > last) head = last
        head = backToBound(data, onToBound(data, head, last, bound), place.origin, bound)
        heads[end * size + step] = head
      }
    }
  }

  #findTails(data: Float64Array, { size, count, times, heads, tails }: Steps): void {
    const place = this.#place
    const { windows, ends, delays, lengths, hops, begins } = this.#plan
    const isNew = place.heads[0] === place.origin
    for (let window = 0; window < lengths.length; window++) {
      const length = lengths[window] as number
      const hop = hops[window] as number
      const begin = begins[window]
      const end = ends[window] as number
      const delay = delays[end] as number
      const shape = windows[window] as Window
      let tail = place.tails[window] as number
      const isFromEnd = count === 1 && isNew && length < Number.POSITIVE_INFINITY
      for (let step = 0; step < count; step++) {
        const time = (times[step] as number) - delay
        const bound = begin !== undefined ? begin(time) : hop === 0 ? time - length : floorTo(time - length, hop)
        const head = heads[end * size + step] as number
        // A single read of a cursor that has just begun: most windows are short, and others hold all rows.
        if (isFromEnd && (data[place.origin] as number) < bound) tail = head
        if (tail > head) tail = head
        if (tail + STRIDE <= head) tail += countBelow(data, tail, bound)
        tail = backToBound(data, onToBound(data, tail, head, bound), place.origin, bound)
        tails[window * size + step] = begin === undefined ? tail : cutOff(shape, data, tail, head, time)
      }
    }
  }
}

/** Of the rows [tail, head) between a window's bounds, the first that is of the window. */
function cutOff(window: Window, data: Float64Array, tail: number, head: number, end: number): number {
  if (window.kind === 'rows') return Math.max(tail, head - window.rows)
  if (window.kind !== 'session') return tail
  let first = head
  let next = end
  while (first > tail && next - (data[first - 1] as number) <= window.gap) {
    first -= 1
    next = data[first] as number
  }
  return first
}
