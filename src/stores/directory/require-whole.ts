import { existsSync } from 'node:fs'
import { TruelineError } from '../../core/errors.ts'
import type { DataDirectory } from './directory.ts'

/**
 * Refuses a directory of which a database is gone: a new one in its place would say that nothing had ever happened.
 * @throws TruelineError `directory_damaged`
 */
export function requireWhole({ metadata, log, state }: DataDirectory['paths']): void {
  // The metadata are made first, then the log, and then what is of it. A lake that is not of its log is found where it is opened.
  const isThere = [log, state, `${log}-wal`].find((path) => existsSync(path))
  if (isThere === undefined) return
  for (const path of [metadata, log]) if (!existsSync(path)) throw gone(path, isThere)
}

function gone(path: string, there: string): TruelineError {
  return new TruelineError('directory_damaged', `${path} is missing, although ${there} is there.`, { path })
}
