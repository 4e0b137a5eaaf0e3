import type { CollectionAggregateOf } from './aggregate.ts'
import { problemOfPlace } from './places.ts'

/** The value of the nth row that has one, the last one first. */
export const nthLast: CollectionAggregateOf<'ordered'> = {
  takes: 'values',
  parameters: ['nth'],
  collects: 'ordered',
  empty: Number.NaN,
  resultType: (argument) => argument,
  problem: problemOfPlace,
  read: (values, { nth = 1 }) => values.last(nth),
}
