import type { Aggregate } from './aggregate.ts'

/** Rows of the window. */
export const count: Aggregate = {
  takes: 'rows',
  needs: [],
  empty: 0,
  resultType: () => 'int',
  finish: ({ rows }) => rows,
}
