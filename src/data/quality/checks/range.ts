import type { CheckKind } from '../check.ts'
import { boundsText } from '../judge.ts'

/** Each value lies between two numbers, both included. */
export const range: CheckKind<'range'> = {
  words: (definition) => `range of ${definition.column}: ${boundsText(definition)}`,
  form: 'row',
  test(definition, { scale = 0 }) {
    const { column, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = definition
    const unit = 10 ** scale
    const holds = (value: string | number): boolean => {
      const figure = (value as number) / unit
      return figure >= min && figure <= max
    }
    return { kind: 'value', column, missingHolds: true, says: `is out of range: ${boundsText(definition)}`, holds }
  },
}
