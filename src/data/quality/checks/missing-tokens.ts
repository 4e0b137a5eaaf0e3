import type { CheckKind } from '../check.ts'

/** No text stands for a missing value. */
export const missingTokens: CheckKind<'missingTokens'> = {
  words: ({ column }) => `missing tokens in ${column}`,
  form: 'row',
  test({ column, tokens }) {
    const known = new Set<string | number>(tokens)
    const holds = (value: string | number): boolean => !known.has(value)
    return { kind: 'value', column, missingHolds: true, says: 'stands for a missing value', holds }
  },
}
