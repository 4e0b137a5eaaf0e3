import type { Digest } from '../../core/digest.ts'
import type { Merge } from '../log/lake-table.ts'

/**
 * Of each file those in which its rows were first written: what was merged into it, and into that.
 * @param merges in the order of the offsets of the files that were merged
 */
export function originsOf(merges: readonly Merge[]): (file: Digest) => readonly Digest[] {
  const parts = Map.groupBy(merges, ({ into }) => into)
  const origins = (file: Digest): readonly Digest[] => parts.get(file)?.flatMap((part) => origins(part.file)) ?? [file]
  return origins
}
