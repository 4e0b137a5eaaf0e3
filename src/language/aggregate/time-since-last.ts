import { SECOND } from '../../core/time.ts'
import type { StatisticAggregate } from './aggregate.ts'

/** Seconds from the last row to t. */
export const timeSinceLast: StatisticAggregate = {
  takes: 'rows',
  needs: ['lastTime'],
  empty: Number.NaN,
  resultType: () => 'number',
  finish: ({ time, lastTime }) => (time - lastTime) / SECOND,
}
