import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { SqliteDialect } from 'kysely'
import { TruelineError } from '../../core/errors.ts'
import { createFileGuard } from '../file-guard.ts'
import { sqliteError } from '../sqlite-error.ts'

/** Statements after which something new is to be on disk, unless they are part of a transaction. */
const WRITES = /^(?:commit|insert|update|delete|replace)\b/i

/**
 * Kysely's SQLite dialect over `node:sqlite`, which differs from the better-sqlite3 that it expects in small ways.
 * A transaction has the database to itself from its beginning: what it reads is what it writes upon, also when another
 * process writes.
 * @param path the database file, named in errors
 * @param writes whether anything is written
 */
export function sqliteDialect(database: DatabaseSync, path: string, writes: boolean): SqliteDialect {
  const requireSameFiles = writes ? createFileGuard(path) : undefined
  /** What was written counts only where the file is still there. */
  function done<T>(text: string, work: () => T): T {
    const result = translated(path, work)
    if (requireSameFiles === undefined || database.isTransaction || !WRITES.test(text)) return result
    try {
      requireSameFiles()
    } catch (cause) {
      throw new TruelineError('directory_damaged', `${(cause as Error).message} while it was in use.`, { path, cause })
    }
    return result
  }
  function prepare(text: string) {
    const statement = translated(path, () => database.prepare(asked(text)))
    const columns = statement.columns().map(({ name }) => name)
    return {
      reader: columns.length > 0,
      all(parameters: readonly unknown[]) {
        statement.setReturnArrays(true)
        const rows = done(text, () => statement.all(...(parameters as SQLInputValue[])))
        return rowsOf(columns, rows as unknown as readonly SQLOutputValue[][])
      },
      run: (parameters: readonly unknown[]) => done(text, () => statement.run(...(parameters as SQLInputValue[]))),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
    }
  }
  function asked(text: string): string {
    // SQLite itself rolls back when the disk is full; a second rollback would hide the first error.
    if (text === 'rollback' && !database.isTransaction) return 'select 1 where false'
    return text === 'begin' && writes ? 'begin immediate' : text
  }
  return new SqliteDialect({ database: { prepare, close: () => database.close() } })
}

/** The objects that `node:sqlite` makes itself have no shape: they take twice as long to make, and longer to read. */
function rowsOf(
  columns: readonly string[],
  rows: readonly (readonly SQLOutputValue[])[],
): Readonly<Record<string, SQLOutputValue>>[] {
  return rows.map((values) => {
    const row: Record<string, SQLOutputValue> = {}
    for (let index = 0; index < columns.length; index += 1) row[columns[index]!] = values[index]!
    return row
  })
}

function translated<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw sqliteError(thrown, path)
  }
}
