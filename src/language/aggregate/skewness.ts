import { nearestRootRatio } from '../../core/math/ratio.ts'
import type { CollectionAggregateOf } from './aggregate.ts'

/** The population's skewness, m3 / m2^1.5, correctly rounded; null where all values are equal. */
export const skewness: CollectionAggregateOf<'powers'> = {
  takes: 'numbers',
  collects: 'powers',
  empty: Number.NaN,
  resultType: () => 'number',
  read(moments) {
    const second = moments.second()
    const third = moments.third()
    if (second === 0n) return Number.NaN
    const size = nearestRootRatio(third * third, second * second * second)
    return third < 0n ? -size : size
  },
}
