import type { Bag } from './collections/bag.ts'
import { type Collection, createCollection, readable } from './collections/create-collection.ts'
import type { GroupPlan } from './plan.ts'
import type { CollectionState } from './plan-collections.ts'
import { FIRST_LANE, type RowColumns } from './rows.ts'
import type { Sealed } from './sealed.ts'
import { isFresh, type Place, type Steps } from './steps.ts'

interface Held {
  readonly state: CollectionState
  readonly collection: Collection
  readonly isLifetime: boolean
  readonly end: number
  readonly readAll: (answers: Float64Array, size: number, step: number) => void
}

/** Collections of lanes over windows, and what features read of them. */
export class Collected {
  readonly #held: readonly Held[]
  readonly #delays: Float64Array
  /** By collection: what a lifetime keeps of rows that are held no longer. */
  #sealed: readonly (Bag | undefined)[] = []

  constructor({ collections, windows, ends, delays }: GroupPlan) {
    this.#delays = delays
    this.#held = collections.map((state) => {
      const collection = createCollection(state)
      return {
        state,
        collection,
        isLifetime: windows[state.window]?.kind === 'lifetime',
        end: ends[state.window] as number,
        readAll: readerOf(state, collection),
      }
    })
  }

  get byteLength(): number {
    return this.#held.reduce(
      (total, { collection }) => total + ('bag' in collection ? collection.bag.byteLength : 0),
      0,
    )
  }

  reset(sealed: Sealed | undefined): void {
    this.#sealed = this.#held.map(({ isLifetime }, index) => (isLifetime ? sealed?.bag(index) : undefined))
    for (const [index, { collection, isLifetime }] of this.#held.entries()) {
      if ('bag' in collection) refill(collection.bag, this.#sealed[index])
      else if ('view' in collection) collection.view.seal(isLifetime ? sealed?.orderedEnds(index) : undefined)
    }
  }

  move(rows: RowColumns, place: Place, steps: Steps): void {
    for (const [index, held] of this.#held.entries()) {
      const { collection } = held
      if ('bag' in collection) this.#moveBag(collection.bag, this.#sealed[index], held, rows, place, steps)
      else this.#look(held, rows, steps)
    }
  }

  /** Takes note of a row that was put at a position before the head. */
  insert(rows: RowColumns, place: Place, position: number): void {
    for (const bag of this.#bagsOf(place, position)) {
      const value = valueAt(bag.state, rows, position)
      if (!Number.isNaN(value)) bag.bag.add(value)
    }
  }

  /** Takes note of a row before the head that is about to be taken away. */
  remove(rows: RowColumns, place: Place, position: number): void {
    for (const bag of this.#bagsOf(place, position)) {
      const value = valueAt(bag.state, rows, position)
      if (!Number.isNaN(value)) bag.bag.remove(value)
    }
  }

  /** The bags whose window holds a position. */
  *#bagsOf({ heads, tails }: Place, position: number): Generator<{ state: CollectionState; bag: Bag }> {
    for (const { state, collection, end } of this.#held)
      if ('bag' in collection && position >= (tails[state.window] as number) && position < (heads[end] as number))
        yield { state, bag: collection.bag }
  }

  #moveBag(
    bag: Bag,
    sealed: Bag | undefined,
    { state: { lane, window }, end, readAll }: Held,
    { data, capacity }: RowColumns,
    place: Place,
    { size, count, heads, tails, answers }: Steps,
  ): void {
    const base = (FIRST_LANE + lane) * capacity
    let tail = place.tails[window] as number
    let head = place.heads[end] as number
    for (let step = 0; step < count; step++) {
      const nextTail = tails[window * size + step] as number
      const nextHead = heads[end * size + step] as number
      if (isFresh(tail, head, nextTail, nextHead)) {
        refill(bag, sealed)
        tail = nextTail
        head = nextTail
      }
      while (tail > nextTail) addTo(bag, data[base + --tail] as number)
      while (head < nextHead) addTo(bag, data[base + head++] as number)
      while (tail < nextTail) takeFrom(bag, data[base + tail++] as number)
      while (head > nextHead) takeFrom(bag, data[base + --head] as number)
      readAll(answers, size, step)
    }
  }

  #look(
    { state: { lane, window }, collection, end, readAll }: Held,
    { data, capacity }: RowColumns,
    steps: Steps,
  ): void {
    const { size, count, times, heads, tails, answers } = steps
    const base = (FIRST_LANE + lane) * capacity
    for (let step = 0; step < count; step++) {
      const tail = tails[window * size + step] as number
      const head = heads[end * size + step] as number
      if ('view' in collection) collection.view.look(data, base, tail, head)
      else if ('tiles' in collection)
        collection.tiles.look(data, base, tail, head, (times[step] as number) - (this.#delays[end] as number))
      readAll(answers, size, step)
    }
  }
}

/** Writes down all that is read of a collection after a step. */
function readerOf({ answers }: CollectionState, collection: Collection): Held['readAll'] {
  const read = readable(collection)
  return (into, size, step) => {
    // The planner gave the aggregate a collection of the kind that it names.
    for (const { slot, aggregate, parameters } of answers)
      into[slot * size + step] = aggregate.read(read as never, parameters)
  }
}

function valueAt({ lane }: CollectionState, { data, capacity }: RowColumns, position: number): number {
  return data[(FIRST_LANE + lane) * capacity + position] as number
}

function refill(bag: Bag, sealed: Bag | undefined): void {
  bag.clear()
  if (sealed !== undefined) bag.merge(sealed)
}

function addTo(bag: Bag, value: number): void {
  if (!Number.isNaN(value)) bag.add(value)
}

function takeFrom(bag: Bag, value: number): void {
  if (!Number.isNaN(value)) bag.remove(value)
}
