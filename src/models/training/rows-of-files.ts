import type { Digest } from '../../core/digest.ts'
import type { EventFile } from './training-job.ts'

/** What the rows of some files are, however these were merged: digests. */
export function rowsOfFiles(files: readonly EventFile[] = []): readonly Digest[] {
  return files.flatMap(({ digest, origins }) => origins ?? [digest])
}
