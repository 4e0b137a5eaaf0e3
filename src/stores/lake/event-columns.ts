import type { DataType, Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { parquetFiles, sqlName } from './duckdb.ts'

/**
 * What the log adds to an event's own columns, with its type in the lake. All times are microseconds. Names of columns
 * begin with an underscore only here.
 */
export const logColumns = {
  _offset: 'BIGINT',
  _partition: 'UTINYINT',
  _generation: 'UINTEGER',
  _id: 'VARCHAR',
  _revision: 'BIGINT',
  _tombstone: 'BOOLEAN',
  _event_time: 'BIGINT',
  _known_at: 'BIGINT',
  _appended_at: 'BIGINT',
} as const

/** Type in the lake of a column: times are microseconds, decimals whole units of their scale. */
export function lakeType({ type }: DataType): string {
  switch (type) {
    case 'int':
    case 'decimal':
    case 'timestamp':
      return 'BIGINT'
    case 'number':
      return 'DOUBLE'
    case 'bool':
      return 'BOOLEAN'
    case 'string':
      return 'VARCHAR'
  }
}

/**
 * A stream's columns in the lake: those that the log adds, then its own.
 * @throws TruelineError `definition_invalid` when a column of the schema begins with an underscore
 */
export function eventColumns(schema: Schema): readonly { readonly name: string; readonly type: string }[] {
  const clash = Object.keys(schema).find((name) => name.startsWith('_'))
  if (clash !== undefined)
    throw new TruelineError('definition_invalid', `Column '${clash}' begins with an underscore, as the log's own do.`, {
      path: clash,
    })
  return [
    ...Object.entries(logColumns).map(([name, type]) => ({ name, type })),
    ...Object.entries(schema).map(([name, type]) => ({ name, type: lakeType(type) })),
  ]
}

/**
 * The events of a stream's files as an SQL relation, which may be none. A column that a file lacks, because it is younger
 * than the file, is null there.
 */
export function eventsIn(files: readonly string[], schema: Schema): string {
  return files.length === 0 ? `(${noEvents(schema)})` : withColumns(parquetFiles(files, 'union_by_name = true'), schema)
}

/** An SQL relation of events with all columns of their stream: null where it lacks one. */
export function withColumns(relation: string, schema: Schema): string {
  return `(SELECT * FROM ${relation} UNION ALL BY NAME ${noEvents(schema)})`
}

function noEvents(schema: Schema): string {
  const columns = eventColumns(schema).map(({ name, type }) => `NULL::${type} AS ${sqlName(name)}`)
  return `SELECT ${columns.join(', ')} WHERE false`
}

/** A column as SQL that gives what an `EventColumn` holds: strings as they are, all else as doubles with NaN for null. */
export function columnAsDouble(name: string, { type }: DataType): string {
  return type === 'string' ? sqlName(name) : `coalesce(${sqlName(name)}::DOUBLE, 'nan'::DOUBLE)`
}
