import type { TreeEntry } from '../../../stores/artifacts/artifact-trees.ts'

/** What the protocol tells of a file or folder. */
interface FileInfo {
  readonly path: string
  readonly is_dir: boolean
  readonly file_size?: number
}

/**
 * Entries of a folder as the protocol has them.
 * @param folder stands before each name; left out where names alone are wanted
 */
export function filesIn(entries: readonly TreeEntry[], folder = ''): FileInfo[] {
  const before = folder === '' ? '' : `${folder}/`
  return entries.map((entry) => {
    const path = `${before}${entry.name}`
    return entry.isFolder ? { path, is_dir: true } : { path, is_dir: false, file_size: entry.size }
  })
}
