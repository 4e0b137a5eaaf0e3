import { TruelineError } from '../core/errors.ts'

const SQLITE_BUSY = 5
const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26

/** SQLite's primary result code of an error of `node:sqlite`; undefined for any other error. */
function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return undefined
  return thrown.errcode & 0xff
}

/** Whether another connection holds the lock that was asked for. */
export function isBusy(thrown: unknown): boolean {
  return sqliteCode(thrown) === SQLITE_BUSY
}

/**
 * An error of `node:sqlite` as one of ours where it says something about the disk or the file (`disk_full`,
 * `directory_damaged`); anything else as it came.
 * @param path the database file
 */
export function sqliteError(thrown: unknown, path: string): unknown {
  const code = sqliteCode(thrown)
  if (code === SQLITE_FULL)
    return new TruelineError('disk_full', `The disk of ${path} is full.`, { path, cause: thrown })
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB)
    return new TruelineError('directory_damaged', `${path} is not a whole SQLite database.`, { path, cause: thrown })
  return thrown
}
