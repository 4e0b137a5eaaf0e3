import { dateReader } from '../../../core/date-format.ts'
import type { CheckKind } from '../check.ts'

/** Each text is a date or time of the calendar, in a format. */
export const dateParse: CheckKind<'dateParse'> = {
  words: ({ column, format }) => `${column} is a date in ${format}`,
  form: 'row',
  test({ column, format }) {
    const isDate = dateReader(format)
    const holds = (value: string | number): boolean => isDate(value as string)
    return { kind: 'value', column, missingHolds: true, says: `is no date in ${format}`, holds }
  },
}
