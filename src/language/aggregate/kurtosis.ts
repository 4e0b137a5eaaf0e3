import { nearestRatio } from '../../core/math/ratio.ts'
import type { CollectionAggregateOf } from './aggregate.ts'

/** The population's excess kurtosis, m4 / m2^2 - 3, correctly rounded; null where all values are equal. */
export const kurtosis: CollectionAggregateOf<'powers'> = {
  takes: 'numbers',
  collects: 'powers',
  empty: Number.NaN,
  resultType: () => 'number',
  read(moments) {
    const second = moments.second()
    if (second === 0n) return Number.NaN
    const square = second * second
    return nearestRatio(moments.fourth() - 3n * square, square)
  },
}
