import { nearestName } from '../../core/nearest-name.ts'
import type { SourceColumns } from './source-page.ts'

/** A difference between the columns of a source and those seen before. */
export type ColumnChange =
  | { readonly change: 'added' | 'removed'; readonly column: string; readonly type: string }
  | { readonly change: 'renamed'; readonly column: string; readonly to: string }
  | { readonly change: 'retyped'; readonly column: string; readonly from: string; readonly to: string }

/**
 * What differs between the columns that rows were taken by and those that a page shows. A column that went and one of
 * the same type with a similar name that came, or the only ones of each, are taken for a renamed one.
 * @param isSample whether the page's columns are only those that its rows happen to have
 * @param needed columns that every row must have
 */
export function columnChanges(
  before: SourceColumns,
  now: SourceColumns,
  { isSample, needed }: { readonly isSample: boolean; readonly needed: ReadonlySet<string> },
): ColumnChange[] {
  const added = Object.keys(now).filter((name) => before[name] === undefined && (!isSample || now[name] !== 'null'))
  const removed = Object.keys(before).filter(
    (name) => now[name] === undefined && (!isSample || (needed.has(name) && before[name] !== 'null')),
  )
  const changes: ColumnChange[] = []
  for (const column of Object.keys(now)) {
    const [from, to] = [before[column], now[column]!]
    if (from !== undefined && !fits(from, to, isSample)) changes.push({ change: 'retyped', column, from, to })
  }
  for (const column of removed) {
    const alike = added.filter((name) => isSample || now[name] === before[column])
    const to = nearestName(column, alike) ?? (removed.length === 1 && added.length === 1 ? alike[0] : undefined)
    if (to === undefined) changes.push({ change: 'removed', column, type: before[column]! })
    else {
      added.splice(added.indexOf(to), 1)
      changes.push({ change: 'renamed', column, to })
    }
  }
  for (const column of added) changes.push({ change: 'added', column, type: now[column]! })
  return changes
}

/** The columns known of a source once a page without changes was seen: values show types that were not known before. */
export function mergedColumns(before: SourceColumns | undefined, now: SourceColumns): SourceColumns {
  const merged: Record<string, string> = { ...before }
  for (const [name, type] of Object.entries(now))
    if (merged[name] === undefined || merged[name] === 'null') merged[name] = type
  return merged
}

/** Changes as a sentence has them. */
export function changeWords(changes: readonly ColumnChange[]): string {
  return changes
    .map((change) => {
      if (change.change === 'renamed') return `'${change.column}' was renamed '${change.to}'`
      if (change.change === 'retyped') return `'${change.column}' is ${change.to}, no longer ${change.from}`
      return `'${change.column}' was ${change.change}`
    })
    .join(', ')
}

function fits(from: string, to: string, isSample: boolean): boolean {
  if (from === to) return true
  if (!isSample) return false
  if (from === 'null' || to === 'null') return true
  const known = from.split('|')
  return to.split('|').every((type) => known.includes(type))
}
