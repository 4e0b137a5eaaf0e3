import type { Schema, Value } from '../../core/data-type.ts'

/** One row as the kernel reads it: a column of length 1 for each column of the schema, in the schema's order. */
export type EncodedRow = readonly Float64Array[]

/**
 * Writes a row's values, in the schema's order, into the same one-row columns again and again: null as NaN, bool as 0
 * or 1, string as its code.
 * @param read names of the columns that will be read; the others stay as they are, so that ids never fill a dictionary
 * @param code of a string
 */
export function rowEncoder(
  schema: Schema,
  read: ReadonlySet<string>,
  code: (text: string) => number,
): (values: readonly Value[]) => EncodedRow {
  const names = Object.keys(schema)
  const columns = names.map(() => new Float64Array(1).fill(Number.NaN))
  const indexes = names.flatMap((name, index) => (read.has(name) ? [index] : []))
  return (values) => {
    for (const index of indexes) columns[index]![0] = encodeValue(values[index]!, code)
    return columns
  }
}

function encodeValue(value: Value, code: (text: string) => number): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string') return code(value)
  return value === null ? Number.NaN : Number(value)
}
