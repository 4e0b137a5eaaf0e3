import type { Schema } from '../../core/data-type.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { mendRow, parseMend } from './mend-row.ts'
import type { RowFault } from './row-reader.ts'

/** What would mend a refused row. */
export interface MendSuggestion {
  readonly sentence: string
  /** Assignments and members to leave out after which the row is accepted, where some were found. */
  readonly mend?: { readonly set: readonly string[]; readonly drop: readonly string[] }
}

/**
 * Looks for what would mend a row: a few usual changes of the column at fault are tried, and the first after which
 * nothing is wrong with the row is suggested.
 * @param row as it was kept, whole
 * @param faultOf what is wrong with a row
 */
export function suggestMend(
  { code, path }: Pick<RowFault, 'code' | 'path'>,
  row: unknown,
  schema: Schema,
  faultOf: (row: unknown) => RowFault | undefined,
): MendSuggestion {
  if (faultOf(row) === undefined) return { sentence: 'It would be accepted now, as it is: replay it.' }
  for (const mend of path === undefined ? [] : candidates(code, path, row, schema)) {
    const mended = mendRow(parseMend(mend.set, mend.drop), row, schema)
    if ('row' in mended && faultOf(mended.row) === undefined)
      return { sentence: 'This was found to mend it; look whether it is what is meant.', mend }
  }
  return { sentence: sentences[code] ?? 'Set the column that is at fault, or give the whole row by hand.' }
}

const sentences: Partial<Record<ErrorCode, string>> = {
  malformed_row: 'It could not be read as a row: give the row by hand, and mend its producer.',
  event_too_late:
    'It came later after its time than the stream allows: raise corrections.within of the stream and replay it, or take it in as history.',
  event_in_future:
    'Its time lies in the future: set its time if the clock of its producer is wrong, or replay it later.',
  revision_conflict:
    'An event with its id is there with other content: give it a higher _revision if it is a correction.',
  missing_key: 'Without its key it belongs to nobody: set the key, or give the row by hand.',
}

function candidates(
  code: ErrorCode,
  path: string,
  row: unknown,
  schema: Schema,
): readonly { readonly set: readonly string[]; readonly drop: readonly string[] }[] {
  const name = written(path)
  const set = (...formulas: string[]) => formulas.map((formula) => ({ set: [`${name} = ${formula}`], drop: [] }))
  const members = typeof row === 'object' && row !== null ? Object.keys(row) : []
  if (code === 'unknown_column') {
    const meant = nearestName(
      path,
      Object.keys(schema).filter((column) => !members.includes(column)),
    )
    const renamed = meant === undefined ? [] : [{ set: [`${written(meant)} = ${name}`], drop: [path] }]
    return [...renamed, { set: [], drop: [path] }]
  }
  const other = nearestName(
    path,
    members.filter((member) => !Object.hasOwn(schema, member)),
  )
  const renamed = other === undefined ? [] : [{ set: [`${name} = ${written(other)}`], drop: [other] }]
  const nothing = schema[path]?.nullable === true ? set('null') : []
  switch (schema[path]?.type) {
    case 'int':
    case 'number':
    case 'decimal':
      return [...renamed, ...set(`number(${name})`, `number(replace(${name}, ",", "."))`), ...nothing]
    case 'string':
      return [
        ...renamed,
        ...set(`text(${name})`, `trim(${name})`, `upper(trim(${name}))`, `lower(trim(${name}))`),
        ...nothing,
      ]
    case 'timestamp':
      return [...renamed, ...set(`time(${name})`), ...nothing]
    case 'bool':
      return [
        ...renamed,
        ...(isWordOfBool(row, path) ? set(`lower(trim(${name})) in ("true", "yes", "1")`) : []),
        ...nothing,
      ]
    default:
      return []
  }
}

function isWordOfBool(row: unknown, path: string): boolean {
  const value = (row as Record<string, unknown>)[path]
  return typeof value === 'string' && /^\s*(true|false|yes|no|0|1)\s*$/i.test(value)
}

/** A column's name as a formula has it. */
function written(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name}\``
}
