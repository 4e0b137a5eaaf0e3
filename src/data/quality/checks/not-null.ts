import type { CheckKind } from '../check.ts'

/** Each row has a value. */
export const notNull: CheckKind<'notNull'> = {
  words: ({ column }) => `not null ${column}`,
  form: 'row',
  test: ({ column }) => ({ kind: 'value', column, missingHolds: false, says: 'is missing', holds: () => true }),
}
