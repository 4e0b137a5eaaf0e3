import { DatabaseSync } from 'node:sqlite'
import type { Digest } from '../../core/digest.ts'
import { sqliteError } from '../sqlite-error.ts'

/** A file of the lake as the log records it. */
export interface RecordedFile {
  /** Below the lake's folder. */
  readonly path: string
  readonly bytes: number
  readonly digest: Digest
  /** Whether it has been removed since: others hold what it held, or its time was over. */
  readonly removed: boolean
}

/**
 * Every file of events and predictions that the lake ever had, from the log's file, which may be in use.
 * @param path of the log's SQLite file, of this format or an older one
 * @throws TruelineError `directory_damaged`
 */
export function readRecordedFiles(path: string): readonly RecordedFile[] {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true })
    const tables = database
      .prepare("SELECT name FROM sqlite_schema WHERE name IN ('lake_files', 'prediction_files')")
      .all() as { name: string }[]
    const lines: RecordedFile[] = []
    // An older format removed no file of events, and had no column to say so.
    for (const { name } of tables)
      for (const line of database.prepare(`SELECT * FROM ${name} ORDER BY path`).iterate() as Iterable<Line>)
        lines.push({
          path: line.path,
          bytes: line.bytes,
          digest: line.digest,
          removed: (line.removed_at ?? null) !== null,
        })
    return lines
  } catch (thrown) {
    throw sqliteError(thrown, path)
  } finally {
    database?.close()
  }
}

interface Line {
  readonly path: string
  readonly bytes: number
  readonly digest: Digest
  readonly removed_at?: number | null
}
