import type { StatisticAggregate } from './aggregate.ts'

/** The part of the values that are true. */
export const share: StatisticAggregate = {
  takes: 'bools',
  needs: ['values', 'sum'],
  is: 'ratio',
  empty: Number.NaN,
  resultType: () => 'number',
  finish: ({ values, sum }) => (values === 0 ? Number.NaN : sum / values),
}
