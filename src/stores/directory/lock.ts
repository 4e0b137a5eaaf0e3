import { DatabaseSync } from 'node:sqlite'
import { isBusy } from '../sqlite-error.ts'

/** Long enough for somebody who only looks, far too short for an owner. */
const PATIENCE_MS = 100

/** An exclusive lock on a file, held until it is released or the process ends, however it ends. */
export interface Lock {
  release(): void
}

/**
 * Takes the lock of a file, which is created when missing; undefined when another process, or this one, holds it.
 *
 * The lock is SQLite's own on an empty database: the kernel frees it when its process dies, and no other code may open
 * the file in this process, as closing any descriptor of it would free a POSIX lock.
 */
export function takeLock(path: string): Lock | undefined {
  const database = new DatabaseSync(path, { timeout: PATIENCE_MS })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    database.close()
    if (isBusy(thrown)) return undefined
    throw thrown
  }
  return { release: () => database.close() }
}

/** Whether a process holds the lock of a file that exists. */
export function isLocked(path: string): boolean {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    database.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (thrown) {
    if (isBusy(thrown)) return true
    throw thrown
  } finally {
    database.close()
  }
}
