import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** The nth value from the smallest one up, values that come twice counted twice. */
export const nthSmallest: CollectionAggregateOf<'sorted'> = {
  takes: 'ordered',
  parameters: ['nth'],
  collects: 'sorted',
  readsEnds: true,
  empty: Number.NaN,
  resultType: (argument) => argument,
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => (values.count < nth ? Number.NaN : values.at(nth - 1)),
}
