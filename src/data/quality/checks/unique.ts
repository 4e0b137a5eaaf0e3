import type { CheckKind } from '../check.ts'
import { startUniqueness } from '../uniqueness.ts'

/** No value comes twice. */
export const unique: CheckKind<'unique'> = {
  words: ({ column }) => `unique ${column}`,
  form: 'table',
  start: ({ column, allowed }, context) => startUniqueness([column], allowed, context),
}
