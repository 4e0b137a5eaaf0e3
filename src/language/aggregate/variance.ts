import type { StatisticAggregate } from './aggregate.ts'

/** The sample variance; null for fewer than two values. */
export const variance: StatisticAggregate = {
  takes: 'numbers',
  needs: ['values', 'spread'],
  empty: Number.NaN,
  resultType: () => 'number',
  finish: ({ values, spread }) => (values < 2 ? Number.NaN : spread / (values * (values - 1))),
}
