import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** The nth of the different values in their own order: numbers by size, texts by their UTF-8 bytes. */
export const nthDistinct: CollectionAggregateOf<'counted'> = {
  takes: 'values',
  parameters: ['nth'],
  collects: 'counted',
  readsEnds: true,
  empty: Number.NaN,
  resultType: (argument) => argument,
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => values.inOrder(nth),
}
