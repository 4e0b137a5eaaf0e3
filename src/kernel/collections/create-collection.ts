import type { Collections } from '../../language/aggregate/collection.ts'
import type { CollectionState } from '../plan-collections.ts'
import type { Bag } from './bag.ts'
import { CountedBag } from './counted-bag.ts'
import { OrderedView } from './ordered-view.ts'
import { PowerBag } from './power-bag.ts'
import { RegisterBag } from './register-bag.ts'
import { SortedBag } from './sorted-bag.ts'
import { TileView } from './tile-view.ts'

/** A collection that holds values, or one that looks at the rows as they lie. */
export type Collection = { readonly bag: Bag } | { readonly view: OrderedView } | { readonly tiles: TileView }

/** An empty collection of the kind that a state says. */
export function createCollection({ kind, order, places, registers, hop, tiles }: CollectionState): Collection {
  switch (kind) {
    case 'sorted':
      return { bag: new SortedBag() }
    case 'counted':
      return { bag: new CountedBag(order, places) }
    case 'registers':
      return { bag: new RegisterBag(registers) }
    case 'powers':
      return { bag: new PowerBag() }
    case 'ordered':
      return { view: new OrderedView() }
    case 'tiles':
      return { tiles: new TileView(hop, tiles) }
  }
}

/** A bag of a state; undefined for one that has none. */
export function createBag(state: CollectionState): Bag | undefined {
  const collection = createCollection(state)
  return 'bag' in collection ? collection.bag : undefined
}

/** What a collection is to the aggregate that reads it. */
export function readable(collection: Collection): Collections[keyof Collections] {
  if ('bag' in collection) return collection.bag as unknown as Collections[keyof Collections]
  return 'view' in collection ? collection.view : collection.tiles
}
