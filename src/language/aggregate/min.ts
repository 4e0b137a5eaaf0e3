import type { StatisticAggregate } from './aggregate.ts'

/** The smallest value. */
export const min: StatisticAggregate = {
  takes: 'ordered',
  needs: ['smallest'],
  is: 'smallest',
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ smallest }) => smallest,
}
