/** The aggregates that a feature can use. */
export const aggregateNames = [
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'variance',
  'stddev',
  'share',
  'first',
  'last',
  'timeSinceLast',
  'distinct',
] as const

export type AggregateName = (typeof aggregateNames)[number]
