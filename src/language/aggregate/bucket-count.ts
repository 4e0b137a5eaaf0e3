import type { CollectionAggregateOf, Encoding } from './aggregate.ts'

const MOST_EDGES = 200

/** Which bucket a value is in: how many edges are at or below it. */
const buckets: Encoding = {
  name: 'bucket',
  parameters: ['edges'],
  create:
    ({ edges = [] }) =>
    (value) => {
      let low = 0
      let high = edges.length
      while (low < high) {
        const middle = (low + high) >>> 1
        if ((edges[middle] as number) <= value) low = middle + 1
        else high = middle
      }
      return low
    },
}

/** How many values are in one bucket of a histogram. */
export const bucketCount: CollectionAggregateOf<'counted'> = {
  takes: 'numbers',
  parameters: ['edges', 'bucket'],
  collects: 'counted',
  encoding: buckets,
  empty: 0,
  resultType: () => 'int',
  problem({ edges = [], bucket = -1 }) {
    if (edges.length === 0 || edges.length > MOST_EDGES) return `A histogram has from 1 to ${MOST_EDGES} edges.`
    if (
      !edges.every((edge, index) => Number.isFinite(edge) && !(edge <= (edges[index - 1] ?? Number.NEGATIVE_INFINITY)))
    )
      return 'The edges of a histogram rise from each to the next.'
    return Number.isInteger(bucket) && bucket >= 0 && bucket <= edges.length
      ? undefined
      : `There is no bucket ${bucket}: they are numbered from 0 to ${edges.length}.`
  },
  read: (values, { bucket = 0 }) => values.rowsWith(bucket),
}
