import type { LakeFile } from '../log/lake-file.ts'

/** So many files of one tier become one of the next. */
const FEWEST = 16
/** A tier's files have up to so many times the rows of those of the tier below; one with more than all of them is large. */
const TIER = 16
const TIERS = 4
/** Most of a merged file: bounds the work and a reader's memory. */
const MOST_ROWS = 1_000_000
const MOST_BYTES = 2 ** 26
/** Most that its rows take in memory, which may be much more than the bytes on disk. */
const MOST_ROW_BYTES = 2 ** 29
/** Each is open while they are read. */
const MOST_FILES = 400

/**
 * Files next to each other that are worth merging: at least sixteen of one size by powers of sixteen, with any smaller ones
 * among them. So an event is written anew at most once for each of the four sizes, and the files stay few (size-tiered
 * compaction, as of Apache Cassandra).
 * @param files of one stream, by first offset
 * @param borders paths of files that are not merged with the one before
 */
export function filesToMerge(files: readonly LakeFile[], borders: ReadonlySet<string>): readonly LakeFile[] {
  for (let tier = 0; tier < TIERS; tier += 1) {
    const found = runsOf(files, tier, borders).find(
      (run) => run.reduce((count, file) => count + (tierOf(file) === tier ? 1 : 0), 0) >= FEWEST,
    )
    if (found !== undefined) return found
  }
  return []
}

/**
 * The place of the first of some files with which they would be too much for one: never that of the first file.
 * @param bytes what the rows of each take, see `rowBytes`
 */
export function firstOver(bytes: readonly number[]): number | undefined {
  let sum = 0
  for (const [index, one] of bytes.entries()) {
    sum += one
    if (index > 0 && sum > MOST_ROW_BYTES) return index
  }
  return undefined
}

/** Files next to each other of a tier and those below, as many together as may become one. */
function runsOf(files: readonly LakeFile[], tier: number, borders: ReadonlySet<string>): LakeFile[][] {
  const runs: LakeFile[][] = []
  let run: LakeFile[] = []
  let rows = 0
  let bytes = 0
  for (const file of files) {
    const isSmall = tierOf(file) <= tier
    const isFull = rows + file.rows > MOST_ROWS || bytes + file.bytes > MOST_BYTES || run.length === MOST_FILES
    if (run.length > 0 && (!isSmall || isFull || borders.has(file.path))) {
      runs.push(run)
      run = []
      rows = 0
      bytes = 0
    }
    if (!isSmall) continue
    run.push(file)
    rows += file.rows
    bytes += file.bytes
  }
  return [...runs, run]
}

/** 0 for fewer than 16 rows, 1 for fewer than 256 and so on. */
function tierOf({ rows }: LakeFile): number {
  let tier = 0
  for (let most = TIER; rows >= most && tier < TIERS; most *= TIER) tier += 1
  return tier
}
