import type { StatisticAggregate } from './aggregate.ts'

/** The value of the last row that has one. */
export const last: StatisticAggregate = {
  takes: 'values',
  needs: ['last'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ last }) => last,
}
