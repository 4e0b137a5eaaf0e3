import type { CheckKind } from '../check.ts'
import { storedValues } from '../stored-value.ts'

/** Each value is one of a set. */
export const inSet: CheckKind<'inSet'> = {
  words: ({ column, values }) => `${column} in a set of ${values.length}`,
  form: 'row',
  test({ column, values }, type) {
    const known = storedValues(values, type)
    const holds = (value: string | number): boolean => known.has(value)
    return { kind: 'value', column, missingHolds: true, says: 'is none of the values allowed', holds }
  },
}
