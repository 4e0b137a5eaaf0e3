import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** How many rows have the value that comes nth most often. */
export const nthMostFrequentCount: CollectionAggregateOf<'counted'> = {
  takes: 'values',
  parameters: ['nth'],
  collects: 'counted',
  empty: Number.NaN,
  resultType: () => 'int',
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => {
    const value = values.mostFrequent(nth)
    return Number.isNaN(value) ? value : values.rowsWith(value)
  },
}
