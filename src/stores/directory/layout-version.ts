import { existsSync, readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TruelineError } from '../../core/errors.ts'
import { packageVersion } from '../../core/package-version.ts'
import { writeFileDurably } from '../durable-file.ts'

/** Raised when the layout of the directory itself changes; its databases carry versions of their own. */
const LAYOUT_VERSION = 1

/** What a start that was cut short may have left in a new directory. */
const unfinished = new Set([
  'lock.db',
  'lock.db-journal',
  'version.json.tmp',
  'owner.json',
  'owner.json.tmp',
  'lost+found',
])

function versionPath(directory: string): string {
  return join(directory, 'version.json')
}

/**
 * Refuses a folder that holds other people's files, so that `--data .` cannot spread data over a project.
 * @throws TruelineError `directory_foreign`
 */
export async function refuseForeignFolder(directory: string): Promise<void> {
  if (existsSync(versionPath(directory))) return
  const foreign = (await readdir(directory)).find((name) => !name.startsWith('.') && !unfinished.has(name))
  if (foreign === undefined) return
  const message = `${directory} is no data directory of Trueline, and not empty: it holds '${foreign}'.`
  throw new TruelineError('directory_foreign', message, { path: directory })
}

/**
 * Checks the version of a directory's layout; a new directory gets the newest.
 * @throws TruelineError `directory_newer`, `directory_damaged`
 */
export async function settleLayoutVersion(directory: string): Promise<void> {
  const path = versionPath(directory)
  if (!existsSync(path)) {
    const content = { layout: LAYOUT_VERSION, created_by: packageVersion }
    await writeFileDurably(path, `${JSON.stringify(content, null, 2)}\n`)
    return
  }
  const layout = readLayout(path)
  if (layout > LAYOUT_VERSION) {
    const message = `${directory} has layout ${layout}; this Trueline (${packageVersion}) knows layouts up to ${LAYOUT_VERSION}.`
    throw new TruelineError('directory_newer', message, { path: directory })
  }
}

function readLayout(path: string): number {
  const damaged = (cause?: unknown) => new TruelineError('directory_damaged', `${path} is unreadable.`, { path, cause })
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    throw damaged(thrown)
  }
  const layout = (content as { layout?: unknown } | null)?.layout
  if (!Number.isSafeInteger(layout) || (layout as number) < 1) throw damaged()
  return layout as number
}
