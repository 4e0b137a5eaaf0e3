import type { Bag } from './collections/bag.ts'
import { createBag } from './collections/create-collection.ts'
import type { SealedEnds, SealedValue } from './collections/ordered-view.ts'
import { compareIds } from './event-order.ts'
import type { GroupPlan } from './plan.ts'
import type { EntityRows } from './rows.ts'
import type { StateReader, StateWriter } from './state-words.ts'

const BYTES_PER_ORDERED_VALUE = 100

/** A bag of which only the ends are read is trimmed once it has so many values more than needed. */
const TRIMMED_AT_ONCE = 32

interface SealedBag {
  readonly bag: Bag
  /** Values that are read from either end; Infinity where all are. */
  readonly places: number
  /** How many values came since it was trimmed. */
  added: number
  /** Whether values were let go of. */
  isTrimmed: boolean
}

interface Ends extends SealedEnds {
  readonly firsts: SealedValue[]
  readonly lasts: SealedValue[]
  readonly places: number
}

/** What the collections of lifetime windows keep of an entity's rows that are held no longer. */
export class SealedCollections {
  readonly #lanes: readonly number[]
  readonly #bags: readonly (SealedBag | undefined)[]
  readonly #ends: readonly (Ends | undefined)[]

  constructor({ collections, windows }: GroupPlan) {
    const isLifetime = (window: number) => windows[window]?.kind === 'lifetime'
    this.#lanes = collections.map(({ lane }) => lane)
    this.#bags = collections.map((state) => {
      const bag = isLifetime(state.window) ? createBag(state) : undefined
      const places = state.readsEnds ? state.places : Number.POSITIVE_INFINITY
      return bag && { bag, places, added: 0, isTrimmed: false }
    })
    this.#ends = collections.map(({ kind, window, places }) =>
      kind === 'ordered' && isLifetime(window) ? { firsts: [], lasts: [], places } : undefined,
    )
  }

  get byteLength(): number {
    const bags = this.#bags.reduce((total, held) => total + (held?.bag.byteLength ?? 0), 0)
    const held = this.#ends.reduce((total, ends) => total + (ends?.firsts.length ?? 0) + (ends?.lasts.length ?? 0), 0)
    return bags + held * BYTES_PER_ORDERED_VALUE
  }

  bag(collection: number): Bag | undefined {
    return this.#bags[collection]?.bag
  }

  ends(collection: number): SealedEnds | undefined {
    return this.#ends[collection]
  }

  /** Takes in a row. */
  take(rows: EntityRows, row: number): void {
    for (const [index, lane] of this.#lanes.entries()) {
      const value = rows.lane(lane, row)
      if (Number.isNaN(value)) continue
      addTo(this.#bags[index], value)
      const ends = this.#ends[index]
      if (ends === undefined) continue
      const taken = { time: rows.time(row), sequence: rows.sequence(row), id: rows.id(row), value }
      insert(ends.firsts, taken, ends.places, compareSealed)
      insert(ends.lasts, taken, ends.places, (left, right) => compareSealed(right, left))
    }
  }

  /**
   * Takes away a row that was taken in.
   * @returns whether all is known as before: not where a value that is read is gone, and the one that takes its part is
   *   held no longer
   */
  takeAway(rows: EntityRows, row: number): boolean {
    let isKnown = true
    for (const [index, lane] of this.#lanes.entries()) {
      const value = rows.lane(lane, row)
      if (Number.isNaN(value)) continue
      if (!takeFrom(this.#bags[index], value)) isKnown = false
      const ends = this.#ends[index]
      if (ends === undefined) continue
      const gone = { time: rows.time(row), sequence: rows.sequence(row), id: rows.id(row), value }
      for (const values of [ends.firsts, ends.lasts]) {
        const place = values.findIndex((held) => compareSealed(held, gone) === 0)
        if (place === -1) continue
        // With fewer than there are places, all that there were are still there.
        if (values.length === ends.places) isKnown = false
        values.splice(place, 1)
      }
    }
    return isKnown
  }

  /** Takes in all that another of the same plan has taken in. */
  merge(other: SealedCollections): void {
    for (const [index, taken] of other.#bags.entries()) {
      const held = this.#bags[index]
      if (held === undefined || taken === undefined) continue
      held.bag.merge(taken.bag)
      const trims = held.bag.trim(held.places)
      held.isTrimmed ||= taken.isTrimmed || trims
    }
    for (const [index, { firsts = [], lasts = [] } = {}] of other.#ends.entries()) {
      const ends = this.#ends[index]
      if (ends === undefined) continue
      for (const value of firsts) insert(ends.firsts, value, ends.places, compareSealed)
      for (const value of lasts) insert(ends.lasts, value, ends.places, (left, right) => compareSealed(right, left))
    }
  }

  write(to: StateWriter): void {
    for (const held of this.#bags) {
      if (held === undefined) continue
      to.number(Number(held.isTrimmed))
      held.bag.write(to)
    }
    for (const ends of this.#ends) {
      for (const values of ends === undefined ? [] : [ends.firsts, ends.lasts]) {
        to.number(values.length)
        for (const { time, sequence, value, id } of values) {
          for (const number of [time, sequence, value]) to.number(number)
          to.text(id)
        }
      }
    }
  }

  /** Takes over what `write` wrote of the same plan. */
  read(from: StateReader): void {
    for (const held of this.#bags) {
      if (held === undefined) continue
      held.isTrimmed = from.number() === 1
      held.bag.read(from)
    }
    for (const ends of this.#ends)
      for (const values of ends === undefined ? [] : [ends.firsts, ends.lasts])
        for (let left = from.number(); left > 0; left--) {
          const time = from.number()
          const sequence = from.number()
          const value = from.number()
          values.push({ time, sequence, value, id: from.text() })
        }
  }
}

function addTo(held: SealedBag | undefined, value: number): void {
  if (held === undefined) return
  held.bag.add(value)
  held.added += 1
  if (held.places === Number.POSITIVE_INFINITY || held.added < TRIMMED_AT_ONCE) return
  held.added = 0
  if (held.bag.trim(held.places)) held.isTrimmed = true
}

/** Returns whether what is read is known as before. A value that was let go of was not read, nor is it now. */
function takeFrom(held: SealedBag | undefined, value: number): boolean {
  if (held === undefined || !held.bag.has(value)) return true
  held.bag.remove(value)
  return !held.isTrimmed
}

/** Order of events. */
function compareSealed(left: SealedValue, right: SealedValue): number {
  return left.time - right.time || left.sequence - right.sequence || compareIds(left.id, right.id)
}

/** Puts a value in its place among the first `places` ones. */
function insert(
  values: SealedValue[],
  value: SealedValue,
  places: number,
  order: (left: SealedValue, right: SealedValue) => number,
): void {
  let place = values.length
  while (place > 0 && order(values[place - 1] as SealedValue, value) > 0) place -= 1
  if (place === places) return
  values.splice(place, 0, value)
  if (values.length > places) values.pop()
}
