import type { DatabaseSync } from 'node:sqlite'
import { TruelineError } from '../../core/errors.ts'

/** One step of a database's schema: SQL that leads from the version before it to its own. */
export interface Migration {
  readonly name: string
  readonly sql: string
}

/**
 * Brings a database to the newest version, each step in a transaction of its own. The version is the number of steps
 * taken, kept in SQLite's `user_version`.
 * @param path the database file, named in errors
 * @throws TruelineError `directory_newer` when the database has taken steps that we do not know
 */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], path: string): void {
  const row = database.prepare('PRAGMA user_version').get() as { user_version: number }
  const version = row.user_version
  if (version > migrations.length) {
    const message = `${path} has version ${version}; this Trueline knows versions up to ${migrations.length}.`
    throw new TruelineError('directory_newer', message, { path })
  }
  for (const [index, migration] of migrations.entries()) if (index >= version) step(database, migration, index + 1)
}

/**
 * Refuses a database that is not of the newest version, where it may not be changed.
 * @throws TruelineError `directory_newer`, `directory_damaged` for an older one
 */
export function requireNewest(database: DatabaseSync, migrations: readonly Migration[], path: string): void {
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version === migrations.length) return
  const message = `${path} has version ${version}; this Trueline knows version ${migrations.length}.`
  throw new TruelineError(version > migrations.length ? 'directory_newer' : 'directory_damaged', message, {
    ...{ path, remedy: 'Open it once with this Trueline: `trueline up` brings it to the newest version.' },
  })
}

function step(database: DatabaseSync, migration: Migration, version: number): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec(migration.sql)
    database.exec(`PRAGMA user_version = ${version}; COMMIT`)
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}
