import { existsSync, statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { TruelineError } from '../../core/errors.ts'
import { NEW, provisional, publishFiles, UNFINISHED } from './write-events.ts'

/**
 * Finishes what a crash left half done in a part of the lake, and refuses one that is not that of its manifest.
 * @param below folder of the part, below the lake's own
 * @param isRemoved whether a file, by its path below the lake's folder, was of the manifest before: it is removed
 * @throws TruelineError `directory_damaged`
 */
export async function settleFiles(
  folder: string,
  below: string,
  manifest: readonly { readonly path: string; readonly bytes: number }[],
  isRemoved: (path: string) => boolean = () => false,
): Promise<void> {
  for (const file of manifest) {
    const path = join(folder, file.path)
    if (!existsSync(path) && existsSync(join(folder, provisional(file.path)))) await publishFiles(folder, [file])
    if (existsSync(path) && statSync(path).size === file.bytes) continue
    throw new TruelineError('directory_damaged', `${path} is missing or not whole.`, { path })
  }
  const part = join(folder, below)
  if (!existsSync(part)) return
  const known = new Set(manifest.map(({ path }) => join(folder, path)))
  for (const entry of await readdir(part, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || known.has(path)) continue
    if (!path.endsWith(NEW) && !path.endsWith(UNFINISHED) && !isRemoved(relative(folder, path)))
      throw new TruelineError(
        'directory_damaged',
        `${path} is not in the log's manifest: the log is older than the lake.`,
        { path, remedy: 'Restore the log and the lake from the same backup.' },
      )
    await rm(path)
  }
}
