import type { DataType } from '../../core/data-type.ts'
import { givenDecimal } from '../../data/quality/given-decimal.ts'

/** A value of a logged row as whoever asked sent it: of a decimal the log has whole units of its scale. */
export function askedValue(value: unknown, column: DataType | undefined): unknown {
  if (column?.type !== 'decimal' || typeof value !== 'number') return value
  return givenDecimal(value, column.scale ?? 0)
}

/** What stands in the log for a decimal that somebody looks for; a text that is no number, such as a mask, is what it is. */
export function unitsText(text: string, { scale = 0 }: DataType): string {
  const units = Math.round(Number(text) * 10 ** scale)
  return text.trim() === '' || Number.isNaN(units) ? text : String(units)
}
