import type { Schema, Value } from '../../core/data-type.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'

/** One row as the kernel reads it: a column of length 1 for each column of the schema, in the schema's order. */
export type EncodedRow = readonly Float64Array[]

/**
 * Writes validated values into the same one-row columns again and again: null as NaN, bool as 0 or 1, string as its
 * code.
 */
export function rowEncoder(schema: Schema, dictionary: Dictionary): (values: Readonly<Record<string, Value>>) => EncodedRow {
  const names = Object.keys(schema)
  const columns = names.map(() => new Float64Array(1))
  return (values) => {
    for (let index = 0; index < names.length; index += 1) {
      const value = values[names[index]!]
      columns[index]![0] =
        typeof value === 'number'
          ? value
          : typeof value === 'string'
            ? dictionary.encode(value)
            : value === null || value === undefined
              ? Number.NaN
              : Number(value)
    }
    return columns
  }
}
