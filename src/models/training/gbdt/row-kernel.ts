import { compiledKernel } from './compiled-kernel.ts'
import type { Packing } from './packing.ts'
import { plainKernel } from './plain-kernel.ts'
import type { BinnedRows, TrainingMemory } from './shared-memory.ts'

/** Rows of some records: `order[from]` and the `count - 1` after it; the derivatives from `first` on are theirs. */
export interface KernelRows {
  readonly records: Uint32Array
  readonly stride: number
  readonly order: Int32Array
  readonly from: number
  readonly count: number
  /** Both derivatives of a row in one number (see Packing). */
  readonly derivatives: Float64Array
  readonly first: number
}

/** Rows of a node that is split: `order[from]` up to `order[to]`, which is not among them. */
export interface SplitRows {
  readonly order: Int32Array
  readonly from: number
  readonly to: number
  /** Bins of all features; those of the one that is split on begin at `column`. */
  readonly bins: Uint8Array
  readonly column: number
  /** Rows go left whose bin, less `missingRight` modulo 256, is below `leftBins`. */
  readonly missingRight: number
  readonly leftBins: number
  /** Of a split on categories: rows go left whose bin b has a 1 at `member + b`; -1 of a split on numbers. */
  readonly members: Uint8Array
  readonly member: number
}

/** Rows `from` to `to`, which is not among them, and what their derivatives are made with. */
export interface GradientRows {
  readonly rows: Pick<BinnedRows, 'margins' | 'labels' | 'weights'>
  /** See probability-table.ts. */
  readonly table: Float64Array
  readonly derivatives: Float64Array
  readonly from: number
  readonly to: number
  /** 32 bits of the tree. */
  readonly seed: number
  readonly packing: Packing
  /** Whole gradient units for a gradient of 1. */
  readonly scale: number
}

/** What is done row by row, where nearly all the time goes. Both kinds give the same bits: sums of derivatives are exact. */
export interface RowKernel {
  /**
   * Adds each row's derivatives to its bins of a group of features.
   * @param offset the first word of the group in the records
   * @param words of a record
   * @param packed 256 sums for each feature, and for those that fill up the last word
   */
  addRows(rows: KernelRows, offset: number, words: number, packed: Float64Array): void
  /**
   * Copies the rows' derivatives, and reads both ends of each record. The rows of a deep node lie far apart in memory: a loop
   * this short has many reads under way at once, where a longer one would wait for one after the other.
   * @param all derivatives of all rows; those of `rows` are written
   */
  fetchRows(rows: KernelRows, offset: number, all: Float64Array): void
  /** Writes rows that go left to one array and the others to the other one, each in their order; how many go left. */
  partRows(rows: SplitRows, left: Int32Array, right: Int32Array): number
  /** Adds the value of the side that each row goes to, a float32, to its margin. */
  addLeaves(rows: SplitRows, left: number, right: number, margins: Float32Array): void
  /**
   * Writes the derivatives p - y and p (1 - p) of rows, times their weights, rounded to whole units up or down at random, so that the
   * sum over many rows is right on average even where each is far below one unit, as for rare labels.
   */
  logLossGradients(rows: GradientRows): void
  /** Copies the first `count` numbers to a place. */
  copy(from: Int32Array, count: number, to: Int32Array, at: number): void
}

/** The compiled kernel where the memory is within its reach, else the plain one. */
export function rowKernel({ compiled }: TrainingMemory): RowKernel {
  return compiled === undefined ? plainKernel : compiledKernel(compiled)
}
