import { glob } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type FileNow, fileNow } from './file-state.ts'

/** A file that a source names. */
export interface ListedFile {
  readonly name: string
  /** Absent when it is not there, or cannot be looked at. */
  readonly file?: FileNow
  /** Why it cannot. */
  readonly error?: unknown
}

/**
 * The files that paths and patterns name, each once, in the order of their names; those named by a plain path come even
 * when they are not there.
 * @param folder that relative paths are below
 */
export async function listFiles(paths: readonly string[], folder: string): Promise<ListedFile[]> {
  const names = new Set<string>()
  for (const path of paths) {
    if (!/[*?[{]/.test(path)) names.add(path)
    else for await (const name of glob(path, { cwd: folder })) names.add(name)
  }
  const inOrder = [...names].sort((a, b) => (a < b ? -1 : 1))
  const files: ListedFile[] = []
  for (const name of inOrder) {
    try {
      const file = await fileNow(name, isAbsolute(name) ? name : join(folder, name))
      if (file !== undefined) files.push({ name, file })
      // What a pattern finds may be a folder, or gone by now.
      else if (paths.includes(name)) files.push({ name })
    } catch (error) {
      files.push({ name, error })
    }
  }
  return files
}
