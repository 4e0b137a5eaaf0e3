import type { Aggregate } from './aggregate.ts'

/** The value of the first row that has one. */
export const first: Aggregate = {
  takes: 'values',
  needs: ['first'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ first }) => first,
}
