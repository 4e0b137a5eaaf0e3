import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
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
    const columns = statement.columns().map(({ name }) => name)
    return {
      reader: columns.length > 0,
      all(parameters: readonly unknown[]) {
        statement.setReturnArrays(true)
        const rows = translated(path, () => statement.all(...(parameters as SQLInputValue[])))
        return rowsOf(columns, rows as unknown as readonly SQLOutputValue[][])
      },
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
