import type { SourceRow } from './source-page.ts'

/** Adds what a JSON row shows of its columns: a name without a value has no type yet. */
export function noteTypes(columns: Record<string, string>, row: SourceRow): void {
  for (const name in row) {
    const value = row[name]
    if (value === null || value === undefined) columns[name] ??= 'null'
    else {
      const type = Array.isArray(value) ? 'list' : typeof value
      const known = columns[name]
      if (known === undefined || known === 'null') columns[name] = type
      else if (!known.split('|').includes(type)) columns[name] = [...known.split('|'), type].sort().join('|')
    }
  }
}
