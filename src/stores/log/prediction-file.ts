import type { Digest } from '../../core/digest.ts'
import type { PredictionLayout } from './prediction-block.ts'

/** A Parquet file of predictions in the lake, all of one model version: a line of the lake's manifest. */
export interface PredictionFile {
  /** Below the lake's folder. */
  readonly path: string
  readonly layout: PredictionLayout
  readonly rows: number
  readonly bytes: number
  readonly digest: Digest
  /** Numbers of its blocks, inclusive; those of other files may lie between. */
  readonly firstBlock: number
  readonly lastBlock: number
  /** Places of its blocks in the order in which they became durable, inclusive. */
  readonly firstSequence: number
  readonly lastSequence: number
  /** Ranges of the times, microseconds, inclusive. */
  readonly firstT: number
  readonly lastT: number
  readonly firstServedAt: number
  readonly lastServedAt: number
}

/** Why predictions are in the lake no more: they were older than they are kept, or the files took more than they may. */
export type RemovalReason = 'retention' | 'budget'

/** When a file went, and why. */
export interface Removal {
  /** Microseconds. */
  readonly removedAt: number
  readonly reason: RemovalReason
}

/** Predictions that are gone, and how far in the order in which they became durable. */
export interface RemovedRows {
  readonly rows: number
  readonly lastSequence: number
}

/** Which predictions are meant: of all models or one, in a range of times whose end is excluded. */
export interface RemovedRange {
  readonly model?: string
  /** Of t unless given, of the moment of the answer, or of either; microseconds. */
  readonly by?: 't' | 'servedAt' | 'either'
  readonly from?: number
  readonly to?: number
}

/** A block that is still in the log's own table. */
export interface StoredBlock {
  readonly number: number
  /** Rises with every block that became durable, whatever its number. */
  readonly sequence: number
  readonly model: string
  readonly version: number
  readonly length: number
  /** Microseconds. */
  readonly firstServedAt: number
}

/** What the log's own table holds of predictions. */
export interface PredictionTail {
  readonly blocks: number
  readonly rows: number
  readonly bytes: number
  /** When the oldest was answered, microseconds; undefined when there is none. */
  readonly oldest: number | undefined
  /** Of all that became durable, -1 before the first. */
  readonly lastSequence: number
}

/** What makes files of predictions part of the lake, in one transaction, once they are on disk under provisional names. */
export interface PredictionMove {
  readonly files: readonly PredictionFile[]
  /** From here on all blocks at or below it are read from the lake. */
  readonly movedSequence: number
  /** Gives the files their names, when the transaction is durable and before anybody reads them. */
  publish(): Promise<void>
}

/** The part of a log that predictions leave for the lake. */
export interface PredictionTable {
  /** All blocks at or below it are in the lake, or gone; -1 before the first move. */
  readonly movedSequence: number
  tail(): PredictionTail
  /** Durable blocks that are not in the lake, in the order in which they became durable, without their content. */
  blocks(limit: number): readonly StoredBlock[]
  /** Which versions have blocks at or above a sequence. */
  lanes(sequence: number): readonly { readonly model: string; readonly version: number }[]
  /** Files of the lake, in the order in which their blocks became durable. */
  files(): readonly PredictionFile[]
  /** What became of the file that held a block; undefined where none that is gone did. */
  removalOf(block: number): Removal | undefined
  /** How many predictions are gone, by whole files that reach into a range. */
  removedRows(filter: RemovedRange): number
  /** Which versions files were removed of. */
  removedLanes(): readonly { readonly model: string; readonly version: number }[]
  /** What was removed of a version at a sequence or above, by whole files; undefined where nothing was. */
  removedAfter(lane: { readonly model: string; readonly version: number }, sequence: number): RemovedRows | undefined
  /** Whether a file of this path was part of the lake and is no more. */
  isRemoved(path: string): boolean
  /** How many predictions are gone, by model and reason. */
  removals(): readonly { readonly model: string; readonly reason: RemovalReason; readonly rows: number }[]
  /** Records files, durable when it resolves; their blocks are still in the log until `trim`. */
  record(move: PredictionMove): Promise<void>
  /** Publishes what is on record and could not be published; nothing may be moved before. */
  settle(): Promise<void>
  /** Records that files are gone, durable when it resolves; nobody is told of them any more. */
  remove(paths: readonly string[], reason: RemovalReason): Promise<void>
  /** Drops blocks that the lake holds, step by step between other commits. */
  trim(): Promise<void>
}
