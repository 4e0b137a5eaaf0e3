import type { StatisticAggregate } from './aggregate.ts'

/** The largest value. */
export const max: StatisticAggregate = {
  takes: 'ordered',
  needs: ['largest'],
  is: 'largest',
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ largest }) => largest,
}
