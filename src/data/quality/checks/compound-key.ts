import type { CheckKind } from '../check.ts'
import { startUniqueness } from '../uniqueness.ts'

/** No values of some columns come twice together. */
export const compoundKey: CheckKind<'compoundKey'> = {
  words: ({ columns }) => `unique together ${columns.join(', ')}`,
  form: 'table',
  start: ({ columns, allowed }, context) => startUniqueness(columns, allowed, context),
}
