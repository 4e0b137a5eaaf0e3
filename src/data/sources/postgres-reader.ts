import { Socket } from 'node:net'
import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { PostgresLocation, Setting, SourceDefinition } from '../../language/define/source-definition.ts'
import { sqlName } from '../../stores/lake/duckdb.ts'
import { postgresClient, postgresRemedy } from './postgres-client.ts'
import type { Environment } from './setting.ts'
import { csvValue } from './source-column.ts'
import type { ReaderContext, SourceReader, SourceRow } from './source-page.ts'
import type { Place } from './sql-pages.ts'
import { type SqlConnection, type SqlDialect, sqlReader } from './sql-reader.ts'
import { isDated, type TimeRange } from './time-range.ts'
import { isoText } from './watermark.ts'

/** All values as the text that the server writes: no digit and no microsecond is lost on the way. */
const asText = { getTypeParser: () => (text: string) => text } as never

/** Reads a table or query of a PostgreSQL database in one read-only transaction, which sees one state of it. */
export function postgresReader(
  location: PostgresLocation,
  stream: StreamDefinition,
  definition: SourceDefinition,
  { environment }: ReaderContext,
  range?: TimeRange,
): SourceReader {
  const { read } = location
  const name = 'table' in read ? read.table : `the query of ${definition.name}`
  const dialect: SqlDialect = {
    connect: (signal) => connectPostgres(environment, location, definition, signal),
    parameter: (number) => `$${number}`,
    inTime,
    coerce: coercePostgres,
  }
  return sqlReader({ read, name }, stream, definition, dialect, range)
}

/** Type of a column -> type of a bound that an index over the column can be asked for. */
const boundTypes: Readonly<Record<string, string>> = {
  'timestamp with time zone': 'timestamptz',
  'timestamp without time zone': 'timestamp',
  date: 'timestamp',
  bigint: 'bigint',
  numeric: 'numeric',
  'double precision': 'double precision',
}

function inTime(column: string, type: string, { from, to }: TimeRange, place: Place): string | undefined {
  const boundType = boundTypes[type]
  if (boundType === undefined) return undefined
  const bound = (time: number): string =>
    `${place(boundType.startsWith('timestamp') ? formatTime(time) : Math.ceil(time))}::${boundType}`
  const bounds = [
    ...(from === undefined || !isDated(from) ? [] : [`${column} >= ${bound(from)}`]),
    ...(to === undefined || !isDated(to) ? [] : [`${column} < ${bound(to)}`]),
  ]
  return bounds.length === 0 ? undefined : `(${column} IS NULL OR (${bounds.join(' AND ')}))`
}

/**
 * A connection in a read-only transaction, which sees one state of the database; the signal breaks it off.
 * @param again what to do once the database is mended, as the end of a remedy; a source is read again
 * @throws TruelineError `source_unavailable`, `source_refused`, `setting_missing`, `setting_invalid`
 */
export async function connectPostgres(
  environment: Environment,
  { read, url }: Pick<PostgresLocation, 'read' | 'url'>,
  { name, timeout }: Pick<SourceDefinition, 'name' | 'timeout'>,
  signal: AbortSignal,
  again?: string,
): Promise<SqlConnection> {
  const socket = new Socket()
  const milliseconds = Math.ceil(timeout / 1000)
  const client = await postgresClient(url, environment, {
    application_name: `trueline ${name}`,
    connectionTimeoutMillis: milliseconds,
    statement_timeout: milliseconds,
    // The server's own limit comes first; this one is for a server that no longer answers.
    query_timeout: milliseconds + 1000,
    options: '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601',
    types: asText,
    stream: () => socket,
  })
  // A connection that breaks between two queries shows at the next one.
  client.on('error', () => undefined)
  const failure = (thrown: unknown): TruelineError => postgresError(name, url, thrown, again)
  const breakOff = (): void => {
    socket.destroy()
  }
  signal.addEventListener('abort', breakOff, { once: true })
  const ask = async (sql: string, parameters: readonly (string | number)[] = []): Promise<SourceRow[]> => {
    try {
      return (await client.query<SourceRow>(sql, [...parameters])).rows
    } catch (thrown) {
      throw failure(thrown)
    }
  }
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', breakOff)
    // Waits for no answer: the server rolls back what its client leaves.
    socket.destroy()
  }
  try {
    await client.connect()
    await ask('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  } catch (thrown) {
    await close()
    throw thrown instanceof TruelineError ? thrown : failure(thrown)
  }
  return {
    close,
    rows: ask,
    async describe() {
      const from = 'table' in read ? tableName(read.table) : `(${read.query}) AS q`
      const { fields } = await client.query(`SELECT * FROM ${from} LIMIT 0`).catch((thrown: unknown) => {
        throw failure(thrown)
      })
      const ids = [...new Set(fields.map(({ dataTypeID }) => dataTypeID))]
      const types = await ask('SELECT oid, format_type(oid, NULL) AS type FROM pg_type WHERE oid = ANY ($1::oid[])', [
        `{${ids.join(',')}}`,
      ])
      const typeOf = new Map(types.map(({ oid, type }) => [Number(oid), String(type)]))
      const never =
        'table' in read
          ? await ask(
              'SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attnotnull AND NOT attisdropped',
              [tableName(read.table)],
            )
          : []
      return {
        columns: Object.fromEntries(fields.map((field) => [field.name, typeOf.get(field.dataTypeID) ?? 'unknown'])),
        neverNull: new Set(never.map(({ attname }) => String(attname))),
      }
    },
  }
}

function tableName(table: string): string {
  return table.split('.').map(sqlName).join('.')
}

/** A text of PostgreSQL as JSON would carry the value. */
export function coercePostgres(type: DataType, value: unknown): unknown {
  if (typeof value !== 'string') return value
  switch (type.type) {
    case 'bool':
      return value === 't' || value === 'f' ? value === 't' : value
    case 'timestamp':
      return csvValue(type, isoText(value))
    case 'decimal':
      // A numeric column writes all of its digits.
      return value.includes('.') ? value.replace(/\.?0+$/, '') : value
    default:
      return csvValue(type, value)
  }
}

/** What passes by itself: lost connections, shutdowns, too little of something, conflicts, a query that took too long. */
const passing = /^(08|53|57|40|55P03|25P02)/

function postgresError(name: string, url: Setting, cause: unknown, again?: string): TruelineError {
  const { code = '', message, severity } = cause as Error & { code?: string; severity?: string }
  const passes = severity === undefined || passing.test(code)
  const known = postgresRemedy(cause, url) ?? (again === undefined ? undefined : 'Look after the database.')
  const remedy = known && { remedy: `${known} ${again ?? `Then run \`trueline sources run ${name}\`.`}` }
  return new TruelineError(
    passes ? 'source_unavailable' : 'source_refused',
    `The database of ${name} ${passes ? 'does not answer' : 'refuses'}: ${message}${/[.!]$/.test(message) ? '' : '.'}`,
    { path: name, cause, ...remedy },
  )
}
