import type { StatisticAggregate } from './aggregate.ts'

/** Rows per stretch of time, over the time from the window's beginning to its end. */
export const rate: StatisticAggregate = {
  takes: 'rows',
  parameters: ['per'],
  needs: ['begin'],
  empty: 0,
  resultType: () => 'number',
  problem: ({ per = 0 }) => (per > 0 ? undefined : 'The time that a rate is given for must be longer than 0.'),
  finish: ({ rows, begin, time }, { per = 0 }) => (rows * per) / (time - begin),
}
