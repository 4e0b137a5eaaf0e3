import type { DataType } from '../../core/data-type.ts'
import type { CheckValue } from '../../language/define/check-definition.ts'

/** Values of a definition as batches hold those of a column: bools as 0 and 1, decimals in units. */
export function storedValues(
  values: readonly CheckValue[],
  { type, scale = 0 }: DataType,
): ReadonlySet<string | number> {
  return new Set(
    values.map((value) => {
      if (type === 'string') return String(value)
      return type === 'decimal' ? Math.round(Number(value) * 10 ** scale) : Number(value)
    }),
  )
}
