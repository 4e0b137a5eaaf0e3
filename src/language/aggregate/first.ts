import type { StatisticAggregate } from './aggregate.ts'

/** The value of the first row that has one. */
export const first: StatisticAggregate = {
  takes: 'values',
  needs: ['first'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ first }) => first,
}
