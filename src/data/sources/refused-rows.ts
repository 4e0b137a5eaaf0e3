import type { Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import type { NewDeadLetter } from '../../stores/log/dead-letter.ts'
import type { EventReader } from '../features/event-reader.ts'
import { readerOf } from '../quality/read-value.ts'
import type { RowFault } from '../quality/row-reader.ts'
import { csvValue } from './source-column.ts'
import type { SourceField } from './source-sql.ts'

/** A row as the query `refused` gives it. */
export type RefusedRow = readonly [row: number, known: number | null, ...fields: Value[]]

const readTimestamp = readerOf({ type: 'timestamp' })

/**
 * Says why rows are refused: by the reader that rows from outside go through, so that the reasons are the same.
 * @param now microseconds: no row can have become known later
 */
export function refusalsOf(
  reader: EventReader,
  fields: readonly SourceField[],
  format: 'parquet' | 'csv',
  source: string,
  now: number,
): (row: RefusedRow) => NewDeadLetter {
  const { stream, rows } = reader
  const values: Value[] = []
  return ([number, known, ...raw]) => {
    const row: Record<string, Value> = {}
    let knownAtValue: Value | undefined
    let knownAtColumn = ''
    for (const [index, { name, type, role }] of fields.entries()) {
      const text = raw[index]!
      const value = format === 'csv' && typeof text === 'string' ? csvValue(type, text) : text
      if (role === 'knownAt') {
        knownAtColumn = name
        knownAtValue = value
      } else if (role === 'column' || value !== null) row[name] = value
    }
    const fault =
      reader.read(row, known ?? Number.NaN, values) ??
      (knownAtValue === undefined ? undefined : knownAtFault(knownAtColumn, knownAtValue)) ??
      futureFault(known, now)
    if (fault === undefined) throw new TruelineError('internal', `Row ${number} of ${source} is refused by SQL alone.`)
    return { stream: stream.name, scope: 'import', source, ...fault, ...rows.masked(row) }
  }
}

function knownAtFault(path: string, value: Value): RowFault | undefined {
  if (value === null) return { code: 'missing_column', reason: `The row has no value of '${path}'.`, path }
  const reading = readTimestamp(value)
  return typeof reading === 'object' && reading !== null
    ? { code: reading.code, reason: `The value in '${path}' ${reading.says}.`, path }
    : undefined
}

/** The fault of a row that became known later than now; times are microseconds. */
export function futureFault(known: number | null, now: number): RowFault | undefined {
  if (known === null || !(known > now)) return undefined
  return { code: 'event_in_future', reason: `The row became known at ${formatTime(known)}, which is still to come.` }
}
