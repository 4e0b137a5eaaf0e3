import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sqliteError } from '../sqlite-error.ts'

/**
 * Copies the registry of a data directory, which may be in use, into a new one: metadata and artifacts, and none of the
 * events. Nothing is changed in the first.
 * @throws TruelineError `directory_damaged`, `disk_full`
 */
export async function copyRegistry(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  await cp(join(from, 'version.json'), join(to, 'version.json'))
  await cp(join(from, 'artifacts'), join(to, 'artifacts'), { recursive: true })
  const path = join(from, 'meta.db')
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    database.prepare('VACUUM INTO ?').run(join(to, 'meta.db'))
  } catch (thrown) {
    throw sqliteError(thrown, path)
  } finally {
    database.close()
  }
}
