import { statSync } from 'node:fs'

/**
 * Guards a database of SQLite with a write-ahead log against being removed from under whoever has it open: what is committed then
 * is on disk, and gone with this process.
 * @param path of the database, which is open
 * @returns to be called after a commit; throws an Error where the file, or the write-ahead log beside it, is not the one that was open
 */
export function createFileGuard(path: string): () => void {
  const database = identityOf(path)
  const beside = `${path}-wal`
  /** It is there from the first commit on. */
  let ahead: string | undefined
  return () => {
    if (database === undefined || database !== identityOf(path)) throw new Error(`${path} was removed or replaced`)
    ahead ??= identityOf(beside)
    if (ahead === undefined || ahead !== identityOf(beside)) throw new Error(`${beside} was removed or replaced`)
  }
}

/** Which file stands at a path, by its device and number; undefined for none. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found === undefined ? undefined : `${found.dev}:${found.ino}`
}
