import type { Schema } from '../../core/data-type.ts'

/** Stands where a value is not shown. */
export const MASK = '***'
/** Characters kept of a refused row. */
const MOST_KEPT = 4096

/**
 * A refused row as JSON text to be shown to people: values of sensitive columns masked, and where a schema has any, also
 * what is no column of it, which may be one misspelt. NaN and infinities are shown as text. Long rows are cut.
 */
export function maskedRow(row: unknown, schema: Schema): string {
  const sensitive = new Set(Object.keys(schema).filter((name) => schema[name]!.sensitive))
  const open = new Set(Object.keys(schema).filter((name) => !sensitive.has(name)))
  if (sensitive.size > 0 && (typeof row !== 'object' || row === null)) return JSON.stringify(MASK)
  const masks = (name: string, depth: number): boolean => sensitive.size > 0 && depth === 1 && !open.has(name)
  const text = JSON.stringify(plain(row, masks, 0)) ?? JSON.stringify(String(row))
  return text.length > MOST_KEPT ? `${text.slice(0, MOST_KEPT)}…` : text
}

/** A value that JSON can hold, as deep as a row of scalars can sensibly be. */
function plain(value: unknown, masks: (name: string, depth: number) => boolean, depth: number): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 3) return '…'
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => plain(item, masks, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, masks(name, depth + 1) ? MASK : plain(item, masks, depth + 1)]),
  )
}
