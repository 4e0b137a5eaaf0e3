import type { Schema } from '../../../core/data-type.ts'

/**
 * The columns that a version reads, each sensitive where it was when the version was made, or is now: what was called sensitive
 * since is not shown because an old version serves.
 */
export function maskingSchema(contract: Schema, now: Schema): Schema {
  const columns = Object.entries(contract).map(([name, type]) => {
    const sensitive = type.sensitive === true || now[name]?.sensitive === true
    return [name, sensitive ? { ...type, sensitive } : type] as const
  })
  return Object.fromEntries(columns)
}
