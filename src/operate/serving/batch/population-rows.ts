import { createReadStream, existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { DataType } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import { SECOND } from '../../../core/time.ts'
import { byteRecords } from '../../../data/sources/byte-records.ts'
import { coercePostgres, connectPostgres } from '../../../data/sources/postgres-reader.ts'
import type { Environment } from '../../../data/sources/setting.ts'
import type { SourceRow } from '../../../data/sources/source-page.ts'
import { coerceSqlite, sqliteAnswer } from '../../../data/sources/sqlite-reader.ts'
import type { PostgresLocation, TableOrQuery } from '../../../language/define/source-definition.ts'
import { sqlName } from '../../../stores/lake/duckdb.ts'

/** Rows of a population that is no columnar file, one by one, in the order in which they come. */
export interface PopulationRows {
  /** A row by the population's own names of its columns, or what stands there if it is none. */
  readonly rows: AsyncIterable<SourceRow | string>
  /** A value as rows from outside carry it. */
  coerce(type: DataType, value: unknown): unknown
}

/** May stand before the first line, as programs of Windows write it. */
const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf)

/** The lines of files of JSON; one that is no JSON comes as it stands. */
export async function* jsonRows(paths: readonly string[]): AsyncGenerator<SourceRow | string> {
  for (const path of paths)
    for await (const { bytes, line } of byteRecords(createReadStream(path), { offset: 0, line: 1 }, false)) {
      const text = bytes.toString('utf8').slice(line === 1 && bytes.indexOf(BYTE_ORDER_MARK) === 0 ? 1 : 0)
      if (text.trim() !== '') yield parsed(text)
    }
}

function parsed(text: string): SourceRow | string {
  try {
    const row: unknown = JSON.parse(text)
    return typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as SourceRow) : text
  } catch {
    return text
  }
}

/** The rows of a table or query of an SQLite file, of one state of it. */
export function sqliteRows(path: string, read: TableOrQuery): PopulationRows {
  async function* rows(): AsyncGenerator<SourceRow> {
    if (!existsSync(path)) throw new TruelineError('file_not_found', `There is no file ${path}.`, { path })
    const database = sqliteAnswer(path, () => new DatabaseSync(path, { readOnly: true }))
    try {
      const statement = sqliteAnswer(path, () => database.prepare(selecting(read)))
      statement.setReadBigInts(true)
      const found = statement.iterate() as Iterator<SourceRow>
      for (;;) {
        const { done, value } = sqliteAnswer(path, () => found.next())
        if (done === true) return
        yield value
      }
    } finally {
      database.close()
    }
  }
  return { rows: rows(), coerce: coerceSqlite }
}

const ROWS_OF_A_FETCH = 5000
/** Longest wait for one answer: a query over everything may sort first. */
const TIMEOUT = 600 * SECOND
/** Of a population that could not be read. */
const AGAIN = 'Then score again.'

/** The rows of a table or query of a PostgreSQL database, of one state of it. */
export function postgresRows(location: PostgresLocation, environment: Environment): PopulationRows {
  const { read } = location
  const name = 'table' in read ? read.table : 'the population'
  async function* rows(): AsyncGenerator<SourceRow> {
    const { signal } = new AbortController()
    const asked = { name, timeout: TIMEOUT }
    const connection = await connectPostgres(environment, location, asked, signal, AGAIN)
    try {
      await connection.rows(`DECLARE population NO SCROLL CURSOR FOR ${selecting(read)}`, [])
      for (;;) {
        const found = await connection.rows(`FETCH ${ROWS_OF_A_FETCH} FROM population`, [])
        if (found.length === 0) return
        yield* found
      }
    } finally {
      await connection.close()
    }
  }
  return { rows: rows(), coerce: coercePostgres }
}

function selecting(read: TableOrQuery): string {
  return 'table' in read ? `SELECT * FROM ${read.table.split('.').map(sqlName).join('.')}` : read.query
}
