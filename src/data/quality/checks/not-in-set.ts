import type { CheckKind } from '../check.ts'
import { storedValues } from '../stored-value.ts'

/** No value is one of a set. */
export const notInSet: CheckKind<'notInSet'> = {
  words: ({ column, values }) => `${column} not in a set of ${values.length}`,
  form: 'row',
  test({ column, values }, type) {
    const known = storedValues(values, type)
    const holds = (value: string | number): boolean => !known.has(value)
    return { kind: 'value', column, missingHolds: true, says: 'is one of the values refused', holds }
  },
}
