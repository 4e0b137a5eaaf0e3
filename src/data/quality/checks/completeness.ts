import type { CheckKind } from '../check.ts'
import { judgeRows } from '../judge.ts'

/** The part of the rows that have a value is at least so large. */
export const completeness: CheckKind<'completeness'> = {
  words: ({ column, min }) => `completeness of ${column} at least ${min}`,
  form: 'column',
  judge({ min }, column) {
    const { rows, nulls } = column.counts
    return judgeRows(nulls, rows, { share: Number((1 - min).toPrecision(12)) }, 'have no value')
  },
}
