import type { CheckKind } from '../check.ts'
import { boundsText } from '../judge.ts'

/** Each text has between so many UTF-16 units. */
export const length: CheckKind<'length'> = {
  words: (definition) => `length of ${definition.column}: ${boundsText(definition)}`,
  form: 'row',
  test(definition) {
    const { column, min = 0, max = Number.POSITIVE_INFINITY } = definition
    const holds = (value: string | number): boolean => {
      const { length } = value as string
      return length >= min && length <= max
    }
    return {
      kind: 'value',
      column,
      missingHolds: true,
      says: `is too short or too long: ${boundsText(definition)}`,
      holds,
    }
  },
}
