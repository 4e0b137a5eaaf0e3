import type { CollectionAggregateOf } from './aggregate.ts'
import { decayedSum } from './decayed-sum.ts'

/** The weighted sum over the weighted number of values; null where the weights come to nothing. */
export const decayedMean: CollectionAggregateOf<'tiles'> = {
  ...decayedSum,
  read(tiles, { weights = [] }) {
    let total = 0
    let weight = 0
    tiles.each((age, sum, values) => {
      if (age >= weights.length) return
      total += (weights[age] as number) * sum
      weight += (weights[age] as number) * values
    })
    return weight === 0 ? Number.NaN : total / weight
  },
}
