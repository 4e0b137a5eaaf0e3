import type { Aggregate } from './aggregate.ts'

/** The smallest value. */
export const min: Aggregate = {
  takes: 'ordered',
  needs: ['smallest'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ smallest }) => smallest,
}
