import { SECOND } from '../../core/time.ts'
import type { Aggregate } from './aggregate.ts'

/** Seconds from the last row to t. */
export const timeSinceLast: Aggregate = {
  takes: 'rows',
  needs: ['lastTime'],
  empty: Number.NaN,
  resultType: () => 'number',
  finish: ({ time, lastTime }) => (time - lastTime) / SECOND,
}
