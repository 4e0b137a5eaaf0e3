import type { Aggregate } from './aggregate.ts'

/** The value of the last row that has one. */
export const last: Aggregate = {
  takes: 'values',
  needs: ['last'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ last }) => last,
}
