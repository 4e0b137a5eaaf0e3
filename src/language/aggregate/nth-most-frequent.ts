import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** The value that comes nth most often; of those that come equally often the lower one is before the higher one. */
export const nthMostFrequent: CollectionAggregateOf<'counted'> = {
  takes: 'values',
  parameters: ['nth'],
  collects: 'counted',
  empty: Number.NaN,
  resultType: (argument) => argument,
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => values.mostFrequent(nth),
}
