import { compilePattern } from '../../../core/pattern/linear-pattern.ts'
import type { CheckKind } from '../check.ts'

/** Each text holds a match of a regular expression. */
export const pattern: CheckKind<'pattern'> = {
  words: ({ column, pattern }) => `${column} matches ${pattern}`,
  form: 'row',
  test({ column, pattern }) {
    const matches = compilePattern(pattern)
    const holds = (value: string | number): boolean => matches(value as string)
    return { kind: 'value', column, missingHolds: true, says: `does not match ${pattern}`, holds }
  },
}
