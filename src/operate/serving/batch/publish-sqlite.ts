import { DatabaseSync } from 'node:sqlite'
import type { Schema, Value } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { DestinationLocation } from '../../../language/define/batch-definition.ts'
import { sqlName } from '../../../stores/lake/duckdb.ts'
import { outputRows } from './output-rows.ts'

/** Rows on their way into a table. */
export interface TableRows {
  readonly schema: Schema
  /** Parquet files of the rows. */
  readonly parts: readonly string[]
  /** Whether rows of runs before go. */
  readonly write: 'replace' | 'append'
  readonly run: string
}

const PATIENCE_MS = 30_000

/**
 * Writes a run's rows into a table of an SQLite file, made where it is missing, in one transaction: whoever reads sees
 * the rows before or those after.
 * @throws TruelineError `destination_mismatch` for a table of other columns, `destination_unavailable`
 */
export async function publishToSqlite(
  { path, table }: Extract<DestinationLocation, { kind: 'sqlite' }>,
  { schema, parts, write, run }: TableRows,
  temporaryFolder: string,
): Promise<void> {
  const database = answered(path, () => new DatabaseSync(path, { timeout: PATIENCE_MS }))
  const name = sqlName(table)
  const names = Object.keys(schema)
  try {
    answered(path, () => {
      database.exec(`BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS ${name} (${columnsOf(schema)})`)
      const found = database.prepare('SELECT name, type FROM pragma_table_info(?)').all(table) as {
        name: string
        type: string
      }[]
      checkColumns(
        path,
        table,
        names,
        found.map((column) => column.name),
      )
      for (const column of found) {
        const wanted = columnTypes[schema[column.name]!.type]
        if (!keepsValues(wanted, column.type)) refuseTypes(path, table, column.name, column.type, wanted)
      }
      if (write === 'replace') database.exec(`DELETE FROM ${name}`)
      else database.prepare(`DELETE FROM ${name} WHERE run_id = ?`).run(run)
    })
    const insert = database.prepare(`INSERT INTO ${name} VALUES (${names.map(() => '?').join(', ')})`)
    let written = 0
    for await (const columns of outputRows(parts, schema, temporaryFolder))
      answered(path, () => {
        written += columns[0]!.length
        for (let row = 0; row < columns[0]!.length; row += 1)
          insert.run(...columns.map((column) => bound(column[row]!)))
      })
    answered(path, () => {
      const kept = database.prepare(`SELECT count(*) AS rows FROM ${name} WHERE run_id = ?`).get(run) as {
        rows: number
      }
      if (kept.rows !== written) refuseLoss(path, table, kept.rows, written)
      database.exec('COMMIT')
    })
  } finally {
    // What was not committed is rolled back.
    database.close()
  }
}

/**
 * A constraint may leave rows out without an error, and a trigger take them away.
 * @throws TruelineError `destination_mismatch`
 */
export function refuseLoss(path: string, table: string, kept: number, written: number): never {
  throw new TruelineError('destination_mismatch', `Table '${table}' keeps ${kept} of ${written} rows.`, {
    path: `${path}#${table}`,
    remedy: 'Drop the constraint, the trigger or the rule of it that takes rows away, or name another table.',
  })
}

function bound(value: Value): string | number | null {
  return typeof value === 'boolean' ? Number(value) : value
}

const columnTypes = {
  int: 'INTEGER',
  number: 'REAL',
  decimal: 'REAL',
  bool: 'INTEGER',
  string: 'TEXT',
  timestamp: 'TEXT',
} as const

/** Whether a declared type leaves values as they are: SQLite turns numbers into texts of 15 digits, and texts into numbers. */
function keepsValues(wanted: (typeof columnTypes)[keyof typeof columnTypes], declared: string): boolean {
  const isText = /CHAR|CLOB|TEXT/i.test(declared) && !/INT/i.test(declared)
  const isFree = declared === '' || (/BLOB/i.test(declared) && !/INT/i.test(declared))
  return isFree || isText === (wanted === 'TEXT')
}

function columnsOf(schema: Schema): string {
  return Object.entries(schema)
    .map(([name, { type }]) => `${sqlName(name)} ${columnTypes[type]}`)
    .join(', ')
}

/** @throws TruelineError `destination_mismatch`: a table that is not ours is never emptied */
export function checkColumns(path: string, table: string, names: readonly string[], found: readonly string[]): void {
  if (found.length === names.length && names.every((name, index) => name === found[index])) return
  throw new TruelineError('destination_mismatch', `Table '${table}' has the columns ${found.join(', ')}.`, {
    path: `${path}#${table}`,
    remedy: `Name another table, or drop this one; the columns of this batch are ${names.join(', ')}.`,
  })
}

/** @throws TruelineError `destination_mismatch`: a column that would not give back what is written into it */
export function refuseTypes(path: string, table: string, column: string, found: string, wanted: string): never {
  throw new TruelineError(
    'destination_mismatch',
    `Column '${column}' of table '${table}' is ${found}, which would not keep the values of this batch as they are.`,
    { path: `${path}#${table}`, remedy: `Make it ${wanted}, name another table, or drop this one.` },
  )
}

function answered<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof TruelineError) throw cause
    throw new TruelineError('destination_unavailable', `${path}: ${(cause as Error).message}.`, { path, cause })
  }
}
