import type { Bag } from './collections/bag.ts'
import { createBag } from './collections/create-collection.ts'
import type { SealedEnds, SealedValue } from './collections/ordered-view.ts'
import { compareIds } from './event-order.ts'
import type { GroupPlan } from './plan.ts'
import type { EntityRows } from './rows.ts'
import type { StateReader, StateWriter } from './state-words.ts'

const BYTES_PER_ORDERED_VALUE = 100

interface Ends extends SealedEnds {
  readonly firsts: SealedValue[]
  readonly lasts: SealedValue[]
  readonly places: number
}

/** What the collections of lifetime windows keep of an entity's rows that are held no longer. */
export class SealedCollections {
  readonly #lanes: readonly number[]
  readonly #bags: readonly (Bag | undefined)[]
  readonly #ends: readonly (Ends | undefined)[]

  constructor({ collections, windows }: GroupPlan) {
    const isLifetime = (window: number) => windows[window]?.kind === 'lifetime'
    this.#lanes = collections.map(({ lane }) => lane)
    this.#bags = collections.map((state) => (isLifetime(state.window) ? createBag(state) : undefined))
    this.#ends = collections.map(({ kind, window, places }) =>
      kind === 'ordered' && isLifetime(window) ? { firsts: [], lasts: [], places } : undefined,
    )
  }

  get byteLength(): number {
    const bags = this.#bags.reduce((total, bag) => total + (bag?.byteLength ?? 0), 0)
    const held = this.#ends.reduce((total, ends) => total + (ends?.firsts.length ?? 0) + (ends?.lasts.length ?? 0), 0)
    return bags + held * BYTES_PER_ORDERED_VALUE
  }

  bag(collection: number): Bag | undefined {
    return this.#bags[collection]
  }

  ends(collection: number): SealedEnds | undefined {
    return this.#ends[collection]
  }

  /** Takes in a row. */
  take(rows: EntityRows, row: number): void {
    for (const [index, lane] of this.#lanes.entries()) {
      const value = rows.lane(lane, row)
      if (Number.isNaN(value)) continue
      this.#bags[index]?.add(value)
      const ends = this.#ends[index]
      if (ends === undefined) continue
      const taken = { time: rows.time(row), sequence: rows.sequence(row), id: rows.id(row), value }
      insert(ends.firsts, taken, ends.places, compareSealed)
      insert(ends.lasts, taken, ends.places, (left, right) => compareSealed(right, left))
    }
  }

  /**
   * Takes away a row that was taken in.
   * @returns whether all is known as before: not where one of the first or last values is gone, and the one that takes its
   *   part is held no longer
   */
  takeAway(rows: EntityRows, row: number): boolean {
    let isKnown = true
    for (const [index, lane] of this.#lanes.entries()) {
      const value = rows.lane(lane, row)
      if (Number.isNaN(value)) continue
      this.#bags[index]?.remove(value)
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

  write(to: StateWriter): void {
    for (const bag of this.#bags) bag?.write(to)
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
    for (const bag of this.#bags) bag?.read(from)
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
