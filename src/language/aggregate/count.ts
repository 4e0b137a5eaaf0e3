import type { StatisticAggregate } from './aggregate.ts'

/** Rows of the window. */
export const count: StatisticAggregate = {
  takes: 'rows',
  needs: [],
  is: 'rows',
  empty: 0,
  resultType: () => 'int',
  finish: ({ rows }) => rows,
}
