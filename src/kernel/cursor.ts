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
 * reader does not see, and each begins at its own tail. Moving adds the rows that come in and takes away those that
 * go out, in either direction; every state is exact, so the way by which a place was reached cannot show.
 *
 * A cursor is a memo of rows: it can be thrown away at any time.
 */
export class Cursor {
  readonly #place: Place
  /** Of each window: Infinity for a lifetime. */
  readonly #lengths: Float64Array
  /** Of each window: 0 where it has none. */
  readonly #hops: Float64Array
  readonly #moments: Moments
  readonly #distincts: Distincts
  readonly #firsts: Firsts
  readonly #lasts: Lasts
  readonly #extremes: Extremes

  constructor(plan: GroupPlan) {
    const { windows } = plan
    this.#place = { origin: 0, head: 0, tails: new Int32Array(windows.length) }
    this.#lengths = Float64Array.from(windows, (window) => (window.kind === 'lifetime' ? Infinity : window.length))
    this.#hops = Float64Array.from(windows, (window) => (window.kind === 'hop' ? window.hop : 0))
    this.#moments = new Moments(plan)
    this.#distincts = new Distincts(plan)
    this.#firsts = new Firsts(plan)
    this.#lasts = new Lasts(plan)
    this.#extremes = new Extremes(plan)
    this.reset(0, undefined)
  }

  /** Position of the first row that is not seen. */
  get head(): number {
    return this.#place.head
  }

  /** Estimate of the bytes held. */
  get byteLength(): number {
    const states = [this.#moments, this.#distincts, this.#firsts, this.#lasts, this.#extremes]
    return states.reduce((total, { byteLength }) => total + byteLength, BYTES_OF_OBJECTS)
  }

  /**
   * Sets the cursor before the row at `origin`, where an entity's rows begin.
   * @param sealed what lifetime windows keep of earlier rows
   */
  reset(origin: number, sealed: Sealed | undefined): void {
    this.#place.origin = origin
    this.#place.head = origin
    this.#place.tails.fill(origin)
    this.#moments.reset(sealed)
    this.#distincts.reset(sealed)
    this.#firsts.reset(origin)
    this.#lasts.reset(origin)
    this.#extremes.reset(origin)
  }

  /** Takes steps whose times and heads are given, and writes down what every window holds after each. */
  take(rows: RowColumns, steps: Steps): void {
    const place = this.#place
    this.#findTails(rows.data, steps)
    this.#moments.move(rows, place, steps)
    this.#distincts.move(rows, place, steps)
    this.#firsts.move(rows, place, steps)
    this.#lasts.move(rows, place, steps)
    this.#extremes.move(rows, steps)
    const last = steps.count - 1
    for (let window = 0; window < place.tails.length; window++)
      place.tails[window] = steps.tails[window * steps.size + last] as number
    place.head = steps.heads[last] as number
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, position: number): void {
    const place = this.#place
    this.#moments.insert(rows, place, position)
    this.#distincts.insert(rows, place, position)
    this.#firsts.insert(rows, place, position)
    this.#lasts.insert(rows, position)
    this.#extremes.insert(rows, position)
    for (const [window, tail] of place.tails.entries()) if (position < tail) place.tails[window] = tail + 1
    place.head += 1
  }

  #findTails(data: Float64Array, { size, count, times, heads, tails }: Steps): void {
    const place = this.#place
    for (let window = 0; window < this.#lengths.length; window++) {
      const length = this.#lengths[window] as number
      const hop = this.#hops[window] as number
      let tail = place.tails[window] as number
      for (let step = 0; step < count; step++) {
        const start = (times[step] as number) - length
        const bound = hop === 0 ? start : floorTo(start, hop)
        const head = heads[step] as number
        if (tail > head) tail = head
        while (tail < head && (data[tail] as number) < bound) tail += 1
        while (tail > place.origin && (data[tail - 1] as number) >= bound) tail -= 1
        tails[window * size + step] = tail
      }
    }
  }
}
