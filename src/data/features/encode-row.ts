import type { Schema, Value } from '../../core/data-type.ts'
import type { Dictionary } from '../../language/expr/dictionary.ts'

/** One row as the kernel reads it: a column of length 1 for each column of the schema, in the schema's order. */
export type EncodedRow = readonly Float64Array[]

/**
 * Writes a row's values, in the schema's order, into the same one-row columns again and again: null as NaN, bool as 0
 * or 1, string as its code.
 * @param read names of the columns that will be read; the others stay as they are, so that ids never fill the dictionary
 */
export function rowEncoder(
  schema: Schema,
  read: ReadonlySet<string>,
  dictionary: Dictionary,
): (values: readonly Value[]) => EncodedRow {
  const names = Object.keys(schema)
  const columns = names.map(() => new Float64Array(1).fill(Number.NaN))
  const indexes = names.flatMap((name, index) => (read.has(name) ? [index] : []))
  return (values) => {
    for (const index of indexes) columns[index]![0] = encodeValue(values[index]!, dictionary)
    return columns
  }
}

function encodeValue(value: Value, dictionary: Dictionary): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return dictionary.encode(value)
  return value === null ? Number.NaN : Number(value)
}
