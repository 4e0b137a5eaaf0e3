import type { Schema } from '../../core/data-type.ts'

/** Stands where a value is not shown. */
export const MASK = '***'
/** Characters kept of a refused row. */
const MOST_KEPT = 16_384

/** A refused row as it may be kept and shown. */
export interface MaskedRow {
  /** JSON text; cut, and so no JSON any more, where the row is very long. */
  readonly row: string
  /** Something of the row is masked or cut: what is kept is less than what came. */
  readonly partial?: true
}

/**
 * A refused row to be shown to people: values of sensitive columns masked, and where a schema has any, also what is no
 * column of it, which may be one misspelt. NaN and infinities are shown as text. Long rows are cut.
 * @param besides members that are no columns: shown where they are numbers or bools
 */
export function maskedRow(row: unknown, schema: Schema, besides: ReadonlySet<string> = noMembers): MaskedRow {
  const sensitive = new Set(Object.keys(schema).filter((name) => schema[name]!.sensitive))
  const open = new Set(Object.keys(schema).filter((name) => !sensitive.has(name)))
  if (sensitive.size > 0 && (typeof row !== 'object' || row === null))
    return { row: JSON.stringify(MASK), partial: true }
  let partial = false
  const leftOut = (sign: string): string => {
    partial = true
    return sign
  }
  const masks = (name: string, item: unknown, depth: number): boolean => {
    if (sensitive.size === 0 || depth !== 1 || open.has(name)) return false
    return !besides.has(name) || (typeof item !== 'number' && typeof item !== 'boolean')
  }

  /** A value that JSON can hold, as deep as a row of scalars can sensibly be. */
  function plain(value: unknown, depth: number): unknown {
    if (typeof value === 'bigint' || typeof value === 'number') return Number.isFinite(value) ? value : String(value)
    if (typeof value !== 'object' || value === null) return value
    if (depth > 3) return leftOut('…')
    if (Array.isArray(value)) {
      if (value.length > MOST_ITEMS) leftOut('…')
      return value.slice(0, MOST_ITEMS).map((item) => plain(item, depth + 1))
    }
    const members = Object.entries(value)
    return Object.fromEntries(
      members.map(([name, item]) => [name, masks(name, item, depth + 1) ? leftOut(MASK) : plain(item, depth + 1)]),
    )
  }

  const text = JSON.stringify(plain(row, 0)) ?? JSON.stringify(String(row))
  const shown = text.length > MOST_KEPT ? leftOut(`${text.slice(0, MOST_KEPT)}…`) : text
  return { row: shown, ...(partial ? { partial } : {}) }
}

const MOST_ITEMS = 100
const noMembers: ReadonlySet<string> = new Set()
