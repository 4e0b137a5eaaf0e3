import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { DataType } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { DAY, formatTime } from '../../core/time.ts'
import type { StreamDefinition } from '../../language/define/definitions.ts'
import type { SourceDefinition, SqliteLocation } from '../../language/define/source-definition.ts'
import { sqlText } from '../../stores/lake/duckdb.ts'
import type { ReaderContext, SourceReader, SourceRow } from './source-page.ts'
import type { Place } from './sql-pages.ts'
import { type SqlConnection, type SqlDialect, sqlReader } from './sql-reader.ts'
import { isDated, type TimeRange } from './time-range.ts'

/** Reads a table or query of an SQLite file: each page is a statement of its own, so that nobody waits to write. */
export function sqliteReader(
  { path, read }: SqliteLocation,
  stream: StreamDefinition,
  definition: SourceDefinition,
  { folder }: ReaderContext,
  range?: TimeRange,
): SourceReader {
  const file = isAbsolute(path) ? path : join(folder, path)
  const name = 'table' in read ? read.table : path
  const dialect: SqlDialect = {
    connect: async () => connect(path, file, definition),
    parameter: (number) => `?${number}`,
    inTime,
    coerce: coerceSqlite,
  }
  return sqlReader({ read, name }, stream, definition, dialect, range)
}

/** A day is 24 hours, and zones lie less than one apart from UTC. */
const ZONES = DAY

/**
 * Values have types of their own in SQLite. Of a text that begins with a date, the date alone is compared, by a day more
 * on either side for its zone; what else a text says is not known here.
 */
function inTime(column: string, _type: string, { from, to }: TimeRange, place: Place): string | undefined {
  const dateOf = (time: number): string => formatTime(time).slice(0, 10)
  const bounds = [
    ...(from === undefined || !isDated(from) ? [] : [['>=', from, from - ZONES] as const]),
    ...(to === undefined || !isDated(to) ? [] : [['<', to, to + 2 * ZONES] as const]),
  ]
  if (bounds.length === 0) return undefined
  const numbers = bounds.map(([sign, bound]) => `${column} ${sign} ${place(bound)}`).join(' AND ')
  const dates = bounds.map(([sign, , day]) => `substr(${column}, 1, 10) ${sign} ${place(dateOf(day))}`).join(' AND ')
  const isDate = `${column} GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*'`
  return `CASE WHEN typeof(${column}) IN ('integer', 'real') THEN ${numbers} WHEN typeof(${column}) = 'text' AND ${isDate} THEN ${dates} ELSE 1 END`
}

function connect(path: string, file: string, { from, timeout }: SourceDefinition): SqlConnection {
  const { read } = from as SqliteLocation
  if (!existsSync(file)) throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
  const database = sqliteAnswer(path, () => new DatabaseSync(file, { readOnly: true, timeout: timeout / 1000 }))
  const selecting = 'table' in read ? `SELECT * FROM "${read.table.replaceAll('"', '""')}"` : read.query
  return {
    async describe() {
      return sqliteAnswer(path, () => {
        const columns = database.prepare(selecting).columns()
        const types = Object.fromEntries(columns.map(({ name, type }) => [name, (type ?? 'any').toUpperCase()]))
        const declared = 'table' in read ? database.prepare(`PRAGMA table_info(${sqlText(read.table)})`).all() : []
        // A primary key may hold nulls unless it is declared otherwise, or is the row's own number.
        const isNeverNull = (column: Record<string, unknown>) => column['notnull'] === 1
        const neverNull = declared.filter(isNeverNull).map(({ name }) => String(name))
        return { columns: types, neverNull: new Set(neverNull) }
      })
    },
    async rows(sql, parameters) {
      return sqliteAnswer(path, () => {
        const statement = database.prepare(sql)
        statement.setReadBigInts(true)
        return Array.from(statement.iterate(...parameters)) as unknown as SourceRow[]
      })
    },
    async close() {
      database.close()
    },
  }
}

/** SQLite has neither bools nor whole numbers of one size. */
export function coerceSqlite({ type }: DataType, value: unknown): unknown {
  if (type === 'bool' && (value === 0n || value === 1n)) return value === 1n
  return typeof value === 'bigint' ? Number(value) : value
}

/** @throws TruelineError `source_unavailable`, `source_refused` for what SQLite says */
export function sqliteAnswer<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    const { message, errcode } = cause as Error & { errcode?: number }
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_IOERR, SQLITE_CANTOPEN, by their low byte.
    const passes = [5, 6, 10, 14].includes((errcode ?? 0) & 255)
    const code = passes ? 'source_unavailable' : 'source_refused'
    throw new TruelineError(code, `${path}: ${message}.`, { path, cause })
  }
}
