import type { StatisticAggregate } from './aggregate.ts'

/** The exact number of different values. */
export const distinct: StatisticAggregate = {
  takes: 'values',
  needs: ['distinct'],
  is: 'distinct',
  empty: 0,
  resultType: () => 'int',
  finish: ({ distinct }) => distinct,
}
