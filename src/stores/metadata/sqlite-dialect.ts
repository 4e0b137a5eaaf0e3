import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { SqliteDialect } from 'kysely'
import { sqliteError } from '../sqlite-error.ts'

/**
 * Kysely's SQLite dialect over `node:sqlite`, which differs from the better-sqlite3 that it expects in small ways.
 * @param path the database file, named in errors
 */
export function sqliteDialect(database: DatabaseSync, path: string): SqliteDialect {
  function prepare(text: string) {
    // SQLite itself rolls back when the disk is full; a second rollback would hide the first error.
    const nothingLeft = text === 'rollback' && !database.isTransaction
    const statement = translated(path, () => database.prepare(nothingLeft ? 'select 1 where false' : text))
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) =>
        translated(path, () => statement.all(...(parameters as SQLInputValue[]))),
      run: (parameters: readonly unknown[]) =>
        translated(path, () => statement.run(...(parameters as SQLInputValue[]))),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as SQLInputValue[])),
    }
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
