import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteDialect } from 'kysely'
import { sqliteError } from '../sqlite-error.ts'

/**
 * Kysely's SQLite dialect over `node:sqlite`, which differs from the better-sqlite3 that it expects in small ways.
 * A transaction has the database to itself from its beginning: what it reads is what it writes upon, also when another
 * process writes.
 * @param path the database file, named in errors
 * @param writes whether anything is written
 */
export function sqliteDialect(database: DatabaseSync, path: string, writes: boolean): SqliteDialect {
  function prepare(text: string) {
    const statement = translated(path, () => database.prepare(asked(text)))
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) =>
        translated(path, () => statement.all(...(parameters as SQLInputValue[]))),
      run: (parameters: readonly unknown[]) =>
        translated(path, () => statement.run(...(parameters as SQLInputValue[]))),
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

function translated<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw sqliteError(thrown, path)
  }
}
