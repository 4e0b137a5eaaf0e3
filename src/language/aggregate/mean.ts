import type { StatisticAggregate } from './aggregate.ts'

/** The rounded sum over the number of values. */
export const mean: StatisticAggregate = {
  takes: 'numbers',
  needs: ['values', 'sum'],
  is: 'ratio',
  empty: Number.NaN,
  resultType: () => 'number',
  finish: ({ values, sum }) => (values === 0 ? Number.NaN : sum / values),
}
