import { nearestBetween } from '../../core/math/between.ts'
import type { AggregateParameters, CollectionAggregateOf } from './aggregate.ts'
import type { SortedValues } from './collection.ts'

/** A quantile of all values of the window, between two of them where it falls between; correctly rounded. */
export const quantile: CollectionAggregateOf<'sorted'> = {
  takes: 'numbers',
  parameters: ['quantile'],
  collects: 'sorted',
  empty: Number.NaN,
  resultType: () => 'number',
  problem: problemOfQuantile,
  read: readQuantile,
}

/** The quantile that lies at (n - 1) q, as Hyndman and Fan's type 7 has it. */
export function readQuantile(values: SortedValues, { quantile = 0 }: AggregateParameters): number {
  if (values.count === 0) return Number.NaN
  const place = (values.count - 1) * quantile
  const below = Math.floor(place)
  if (below === place) return values.at(below)
  return nearestBetween(values.at(below), values.at(below + 1), place - below)
}

export function problemOfQuantile({ quantile = -1 }: AggregateParameters): string | undefined {
  return quantile >= 0 && quantile <= 1 ? undefined : `A quantile is from 0 to 1; here it is ${quantile}.`
}
