import { DatabaseSync } from 'node:sqlite'
import { sqliteError } from '../sqlite-error.ts'

/**
 * Paths of the files of events in the lake, by their digests, from the log's file, which may be in use.
 * @param path of the log's SQLite file
 * @throws TruelineError `directory_damaged`
 */
export function readLakePaths(path: string): ReadonlyMap<string, string> {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true })
    const rows = database.prepare('SELECT digest, path FROM lake_files').all() as { digest: string; path: string }[]
    return new Map(rows.map((row) => [row.digest, row.path]))
  } catch (thrown) {
    throw sqliteError(thrown, path)
  } finally {
    database?.close()
  }
}
