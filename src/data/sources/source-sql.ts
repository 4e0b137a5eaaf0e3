import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { keyLetters } from '../../core/key.ts'
import { nearestName } from '../../core/nearest-name.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import { sqlName, sqlText } from '../../stores/lake/duckdb.ts'
import { CRITICAL_FUNCTION } from './duckdb-functions.ts'
import { asLakeValue, csvColumn, isAllowed, parquetColumn, type SourceColumn } from './source-column.ts'

/** A source's columns with the types that DuckDB gives them; every one of a CSV file is text. */
export interface SourceShape {
  readonly format: 'parquet' | 'csv'
  /** As it was given, for messages. */
  readonly path: string
  readonly types: Readonly<Record<string, string>>
}

/** How a file's rows become events. */
export interface SourceMapping {
  /** Column of the schema -> column of the file, where the names differ. */
  readonly columns: Readonly<Record<string, string>>
  readonly knownAt: StreamDefinition['knownAt']
  /** The zone of times that name none; UTC unless given. */
  readonly zone?: string
}

/** The queries of an import. */
export interface SourceQueries {
  /** The rows of `from` (SQL with a column `_row`) with their verdict, to be kept as the table `checked`. */
  check(from: string): string
  /** Rows of `checked` that become events, as `StagedImport.file` wants them. */
  readonly accepted: string
  /** The other rows: `_row`, `known`, and each field as it stands in the source, in the order of `fields`. */
  readonly refused: string
  readonly fields: readonly SourceField[]
}

/** A column of the source that counts. */
export interface SourceField {
  /** Its name in the schema; the name in the file for the column of `known_at`. */
  readonly name: string
  readonly type: DataType
  readonly role: 'column' | 'revision' | 'knownAt'
}

interface MappedField extends SourceField, SourceColumn {}

/**
 * The queries for a source of a stream.
 * @param now microseconds: no row can have become known later
 * @throws TruelineError `missing_column`, `unknown_column`, `wrong_type` when the columns do not fit the schema
 */
export function sourceQueries(
  stream: StreamDefinition,
  shape: SourceShape,
  mapping: SourceMapping,
  now: number,
): SourceQueries {
  const { schema, key, id, time, ahead, corrections } = stream
  const fields = mapFields(stream, shape, mapping)
  const place = (name: string) => fields.findIndex((field) => field.name === name)
  const { knownAt } = mapping
  const known = 'lag' in knownAt ? `t${place(time)} + ${knownAt.lag}` : `t${place(knownAt.column)}`
  const required = new Set([...key, ...id, time])
  const revision = `coalesce(t${place('_revision')}, 0)`
  const tombstone = `coalesce(t${place('_tombstone')}, false)`
  const allowed = fields.map(({ name, type, role }, index) => {
    const value = `(t${index} IS NOT NULL AND ${isAllowed(`t${index}`, type)})`
    if (role === 'knownAt' || required.has(name)) return value
    // A value that cannot be typed is null in t, but not in r; one that is unknown may be null in t. A deletion needs no
    // more than its id, key and time.
    const absent = type.unknown === undefined ? `r${index}` : `t${index}`
    return type.nullable ? `(${absent} IS NULL OR ${value})` : `(${value} OR (${tombstone} AND r${index} IS NULL))`
  })
  const deletes = `NOT (${tombstone} AND ${revision} = 0)`
  const inTime = [
    `known <= ${now}`,
    `t${place(time)} - known <= ${ahead}`,
    `known - t${place(time)} <= ${corrections.within}`,
  ]
  const schemaColumns = Object.keys(schema).map((name) => `t${place(name)}`)
  const critical = stream.quality?.some(({ severity }) => severity === 'critical')
    ? [`(${tombstone} OR ${CRITICAL_FUNCTION}(${schemaColumns.join(', ')}))`]
    : []
  const list = (expression: (field: MappedField, index: number) => string) => fields.map(expression).join(', ')
  const keyOf = (columns: readonly string[]) =>
    columns.map((name) => keyField(schema[name]!, `t${place(name)}`)).join(' || ')
  const [only] = id
  const idText = id.length === 1 && schema[only!]!.type === 'string' ? `t${place(only!)}` : keyOf(id)
  const values = Object.entries(schema).map(
    ([name, type]) => `${asLakeValue(`t${place(name)}`, type)} AS ${sqlName(name)}`,
  )
  return {
    fields,
    check: (from) => `SELECT *, coalesce(${[...allowed, deletes, ...inTime, ...critical].join(' AND ')}, false) AS ok
      FROM (SELECT *, ${known} AS known FROM (
        SELECT _row, ${list(({ raw }, index) => `${raw} AS r${index}`)}, ${list(({ typed }, index) => `${typed} AS t${index}`)}
        FROM (${from})))`,
    accepted: `SELECT _row, ${idText} AS _id, partition_of(${keyOf(key)}) AS _partition,
      ${revision}::BIGINT AS _revision, ${tombstone} AS _tombstone, t${place(time)}::BIGINT AS _event_time,
      known::BIGINT AS _known_at, ${values.join(', ')} FROM checked WHERE ok`,
    refused: `SELECT _row::DOUBLE, known::DOUBLE, ${list((_, index) => `r${index}`)} FROM checked WHERE NOT ok ORDER BY _row`,
  }
}

/** The fields of a source in the order of the schema, then those of revisions, then that of `known_at`. */
function mapFields(
  { name: stream, schema }: StreamDefinition,
  shape: SourceShape,
  mapping: SourceMapping,
): MappedField[] {
  const fields: MappedField[] = []
  const isZoned = mapping.zone !== undefined
  const add = (name: string, type: DataType, fileName: string, role: SourceField['role']) => {
    const fileType = shape.types[fileName]
    if (fileType === undefined && !type.nullable && type.default === undefined)
      throw missingColumn(fileName, stream, shape)
    const found =
      fileType === undefined
        ? {
            typed: `NULL::${type.type === 'string' ? 'VARCHAR' : type.type === 'bool' ? 'BOOLEAN' : 'DOUBLE'}`,
            raw: 'NULL',
          }
        : shape.format === 'csv'
          ? csvColumn(type, fileName, isZoned)
          : parquetColumn(name, type, fileName, fileType, isZoned)
    const column = type.default === undefined ? withUnknown(found, type) : withDefault(found, type.default)
    fields.push({ name, type, role, ...column })
  }
  for (const [name, type] of Object.entries(schema)) add(name, type, mapping.columns[name] ?? name, 'column')
  add('_revision', { type: 'int', min: 0, nullable: true }, '_revision', 'revision')
  add('_tombstone', { type: 'bool', nullable: true }, '_tombstone', 'revision')
  const { knownAt } = mapping
  if ('column' in knownAt && !Object.hasOwn(schema, knownAt.column))
    add(knownAt.column, { type: 'timestamp' }, knownAt.column, 'knownAt')
  refuseUnknown(fields, shape, mapping)
  return fields
}

/** A value that cannot be typed stays at fault: only where there is none the default stands in. */
function withDefault({ raw, typed }: SourceColumn, value: number): SourceColumn {
  return { raw, typed: `CASE WHEN (${raw}) IS NULL THEN ${value}::DOUBLE ELSE ${typed} END` }
}

/** Where unknown values become null, texts do that are none of those allowed. */
function withUnknown({ raw, typed }: SourceColumn, { oneOf = [], unknown }: DataType): SourceColumn {
  if (unknown === undefined) return { raw, typed }
  return { raw, typed: `CASE WHEN ${typed} IN (${oneOf.map(sqlText).join(', ')}) THEN ${typed} END` }
}

function refuseUnknown(fields: readonly SourceField[], shape: SourceShape, { columns }: SourceMapping): void {
  const names = fields.map(({ name }) => columns[name] ?? name)
  const unknown = Object.keys(shape.types).find((name) => !names.includes(name))
  if (unknown === undefined) return
  const near = nearestName(unknown, names)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  throw new TruelineError('unknown_column', `The schema has no column '${unknown}' of the file.${hint}`, {
    path: unknown,
    remedy:
      'Name the columns of the file as the schema of the stream does; add what is missing there, or leave it out of the file.',
  })
}

function missingColumn(name: string, stream: string, { types, path }: SourceShape): TruelineError {
  const near = nearestName(name, Object.keys(types))
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  const found = Object.keys(types)
  return new TruelineError(
    'missing_column',
    `${path} has no column '${name}', which the stream '${stream}' needs.${hint}`,
    {
      path: name,
      remedy: found.length === 0 ? 'It is empty: give one with a header.' : `Its columns are: ${found.join(', ')}.`,
    },
  )
}

/** A field of a key's text: see core/key.ts. */
function keyField(type: DataType, column: string): string {
  const value = asLakeValue(column, type)
  const text = type.type === 'number' ? `number_text(${value})` : `(${value})::VARCHAR`
  return `'${keyLetters[type.type]}' || strlen(${text}) || ':' || ${text}`
}
