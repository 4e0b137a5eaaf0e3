import type { Aggregate } from './aggregate.ts'
import { approximateDistinct } from './approximate-distinct.ts'
import { approximateQuantile } from './approximate-quantile.ts'
import { bucketCount } from './bucket-count.ts'
import { count } from './count.ts'
import { decayedMean } from './decayed-mean.ts'
import { decayedSum } from './decayed-sum.ts'
import { distinct } from './distinct.ts'
import { first } from './first.ts'
import { kurtosis } from './kurtosis.ts'
import { last } from './last.ts'
import { max } from './max.ts'
import { mean } from './mean.ts'
import { min } from './min.ts'
import { nthDistinct } from './nth-distinct.ts'
import { nthFirst } from './nth-first.ts'
import { nthLargest } from './nth-largest.ts'
import { nthLast } from './nth-last.ts'
import { nthMostFrequent } from './nth-most-frequent.ts'
import { nthMostFrequentCount } from './nth-most-frequent-count.ts'
import { nthSmallest } from './nth-smallest.ts'
import { quantile } from './quantile.ts'
import { rate } from './rate.ts'
import { share } from './share.ts'
import { skewness } from './skewness.ts'
import { stddev } from './stddev.ts'
import { sum } from './sum.ts'
import { timeSinceLast } from './time-since-last.ts'
import { variance } from './variance.ts'

/** The aggregates that a feature can use. */
export const aggregates = {
  count,
  sum,
  mean,
  min,
  max,
  variance,
  stddev,
  skewness,
  kurtosis,
  share,
  rate,
  first,
  last,
  nthFirst,
  nthLast,
  nthLargest,
  nthSmallest,
  timeSinceLast,
  distinct,
  approximateDistinct,
  nthDistinct,
  nthMostFrequent,
  nthMostFrequentCount,
  quantile,
  approximateQuantile,
  bucketCount,
  decayedSum,
  decayedMean,
} as const satisfies Record<string, Aggregate>

export type AggregateName = keyof typeof aggregates

export const aggregateNames = Object.keys(aggregates) as readonly AggregateName[]
