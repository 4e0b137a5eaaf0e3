import { glob } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { type FileNow, fileNow } from './file-state.ts'

/**
 * The files that paths and patterns name, each once, in the order of their names; those named by a plain path come even
 * when they are not there, with `file` absent.
 * @param folder that relative paths are below
 */
export async function listFiles(
  paths: readonly string[],
  folder: string,
): Promise<{ readonly name: string; readonly file: FileNow | undefined }[]> {
  const names = new Set<string>()
  for (const path of paths) {
    if (!/[*?[{]/.test(path)) names.add(path)
    else for await (const name of glob(path, { cwd: folder })) names.add(name)
  }
  const inOrder = [...names].sort((a, b) => (a < b ? -1 : 1))
  const files: { name: string; file: FileNow | undefined }[] = []
  for (const name of inOrder) {
    const file = await fileNow(name, isAbsolute(name) ? name : join(folder, name))
    // What a pattern finds may be a folder, or gone by now.
    if (file !== undefined || paths.includes(name)) files.push({ name, file })
  }
  return files
}
