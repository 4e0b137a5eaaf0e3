import type { Aggregate } from './aggregate.ts'

/** The largest value. */
export const max: Aggregate = {
  takes: 'ordered',
  needs: ['largest'],
  empty: Number.NaN,
  resultType: (argument) => argument,
  finish: ({ largest }) => largest,
}
