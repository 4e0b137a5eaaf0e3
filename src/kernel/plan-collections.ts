import type { AggregateParameters, CollectionAggregate } from '../language/aggregate/aggregate.ts'
import type { CollectionName } from '../language/aggregate/collection.ts'

/** Values of a lane over a window, kept as one kind of collection for every feature that reads it. */
export interface CollectionState {
  readonly kind: CollectionName
  readonly lane: number
  readonly window: number
  /** Order of the values: numbers by size, texts by their UTF-8 bytes. */
  readonly order: (left: number, right: number) => number
  /** Most places that are asked for. */
  readonly places: number
  /** Whether no more than these are read from either end. */
  readonly readsEnds: boolean
  /** Registers of a sketch. */
  readonly registers: number
  /** Length of a tile in microseconds, and how many tiles have a weight. */
  readonly hop: number
  readonly tiles: number
  readonly answers: readonly CollectionAnswer[]
}

/** What one feature, or several, read from a collection. */
export interface CollectionAnswer {
  /** Where the answer is among all of the plan's. */
  readonly slot: number
  readonly aggregate: CollectionAggregate
  readonly parameters: AggregateParameters
}

/** What a feature asks of a collection. */
interface Asked {
  readonly lane: number
  readonly window: number
  readonly order: CollectionState['order']
  readonly aggregate: CollectionAggregate
  readonly parameters: AggregateParameters
}

type Growing = { -readonly [Name in keyof CollectionState]: CollectionState[Name] } & { answers: CollectionAnswer[] }

/** Collections as features ask for them, each made once for all that can share it. */
export function collectionPlanner() {
  const byKey = new Map<string, Growing>()
  let slots = 0
  return {
    /** The slot of an answer. */
    slotOf({ lane, window, order, aggregate, parameters }: Asked): number {
      const { nth = 0, precision = 0, hop = 0, weights = [] } = parameters
      const kind = aggregate.collects
      const key = `${kind} ${lane} ${window} ${hop}`
      let state = byKey.get(key)
      if (state === undefined) {
        state = {
          kind,
          lane,
          window,
          order,
          places: 0,
          readsEnds: true,
          registers: 2 ** precision,
          hop,
          tiles: 0,
          answers: [],
        }
        byKey.set(key, state)
      }
      state.places = Math.max(state.places, nth)
      state.readsEnds &&= aggregate.readsEnds === true
      state.tiles = Math.max(state.tiles, weights.length)
      state.answers.push({ slot: slots, aggregate, parameters })
      slots += 1
      return slots - 1
    },
    states: (): readonly CollectionState[] => [...byKey.values()],
  }
}
