import type { Digest } from '../../core/digest.ts'

/** A Parquet file of events, to be read by any tool. */
export interface LakeFileAnswer {
  /** Absolute. */
  readonly path: string
  readonly rows: number
  readonly bytes: number
  readonly digest: Digest
  /** `_offset` of its first and last row. */
  readonly firstOffset: number
  readonly lastOffset: number
}

/** The history of a stream in files that have each event once. */
export interface StreamFiles {
  readonly stream: string
  readonly rows: number
  /** By first offset; others in the folder are merged into these. */
  readonly files: readonly LakeFileAnswer[]
  /** What is on disk besides; absent where nothing is. */
  readonly merged?: MergedAnswer
  /** SQL of DuckDB that makes a view of them under the stream's name. */
  readonly view: string
}

/** Files whose rows are in others since, and which are still there. */
export interface MergedAnswer {
  readonly files: number
  readonly bytes: number
  /** Of those that versions were trained on: they stay for as long as the versions do, while the others go at the next start. */
  readonly held: { readonly files: number; readonly bytes: number; readonly versions: readonly string[] }
}

/** Which files hold the history now: others do after the next merge, while these stay until the platform starts again. */
export interface LakeFilesAnswer {
  readonly streams: readonly StreamFiles[]
  /** Events of all streams that are in the log alone, and in no file yet. */
  readonly waiting: number
}
