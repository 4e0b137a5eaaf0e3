import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** The value of the nth row that has one, the first one first. */
export const nthFirst: CollectionAggregateOf<'ordered'> = {
  takes: 'values',
  parameters: ['nth'],
  collects: 'ordered',
  empty: Number.NaN,
  resultType: (argument) => argument,
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => values.first(nth),
}
