import type { Aggregate } from './aggregate.ts'
import { count } from './count.ts'
import { distinct } from './distinct.ts'
import { first } from './first.ts'
import { last } from './last.ts'
import { max } from './max.ts'
import { mean } from './mean.ts'
import { min } from './min.ts'
import { share } from './share.ts'
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
  share,
  first,
  last,
  timeSinceLast,
  distinct,
} as const satisfies Record<string, Aggregate>

export type AggregateName = keyof typeof aggregates

export const aggregateNames = Object.keys(aggregates) as readonly AggregateName[]
