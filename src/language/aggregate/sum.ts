import type { StatisticAggregate } from './aggregate.ts'

/** The correctly rounded sum of the values. */
export const sum: StatisticAggregate = {
  takes: 'numbers',
  needs: ['values', 'sum'],
  is: 'sum',
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ values, sum }) => (values === 0 ? Number.NaN : sum),
}
