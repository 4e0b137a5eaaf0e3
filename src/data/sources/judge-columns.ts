import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition } from '../../language/define/source-definition.ts'
import { columnChanges, mergedColumns } from './column-changes.ts'
import type { SourceColumns, SourcePage } from './source-page.ts'
import type { SourceState } from './source-state.ts'

/** What is to be done with the rows of a page. */
export type ColumnsVerdict = 'take' | 'quarantine' | 'stop'

/**
 * Compares a page's columns with those that rows were taken by, and says by the source's policy what becomes of its
 * rows. Whatever the policy, a column that every row needs cannot go: no row could be accepted.
 * @param run its number
 * @throws TruelineError `missing_column` when a source never had a column that every row needs
 */
export function judgeColumns(
  state: SourceState,
  { columns, origin }: SourcePage,
  { from, columns: mapping, onSchemaChange }: SourceDefinition,
  { schema }: StreamDefinition,
  run: number,
): { readonly state: SourceState; readonly verdict: ColumnsVerdict } {
  if (columns === undefined) return { state, verdict: 'take' }
  const isSample = from.kind === 'jsonLines' || from.kind === 'httpPages'
  const required = Object.entries(schema).filter(
    (column) => column[1].nullable !== true && column[1].default === undefined,
  )
  const needed = new Set(required.map(([name]) => mapping[name] ?? name))
  const before = state.columns
  if (before === undefined) {
    const missing = isSample ? undefined : [...needed].find((name) => columns[name] === undefined)
    if (missing !== undefined) throw missingColumn(origin, missing, columns)
    return { state: { ...state, columns }, verdict: 'take' }
  }
  const changes = columnChanges(before, columns, { isSample, needed })
  if (changes.length === 0) return { state: withColumns(state, isSample, columns), verdict: 'take' }
  const isLost = changes.some(
    (change) => (change.change === 'removed' || change.change === 'renamed') && needed.has(change.column),
  )
  const found = { columns, changes, run }
  if (isLost || onSchemaChange === 'stop') return { state: { ...state, found }, verdict: 'stop' }
  if (onSchemaChange === 'quarantine') return { state: { ...state, found }, verdict: 'quarantine' }
  const accepted = isSample ? { ...before, ...columns } : columns
  return { state: { ...state, columns: accepted, found }, verdict: 'take' }
}

/** Rows of a sample may show types that were not known before. */
function withColumns(state: SourceState, isSample: boolean, columns: SourceColumns): SourceState {
  if (!isSample) return state
  const merged = mergedColumns(state.columns, columns)
  return Object.keys(merged).every((name) => merged[name] === state.columns![name])
    ? state
    : { ...state, columns: merged }
}

function missingColumn(origin: string, name: string, columns: SourceColumns): TruelineError {
  const near = nearestName(name, Object.keys(columns))
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  return new TruelineError('missing_column', `${origin} has no column '${name}'.${hint}`, {
    path: name,
    remedy: 'Name the column of the source in `columns`, or let the column of the stream be nullable.',
  })
}
