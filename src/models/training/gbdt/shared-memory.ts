import { TruelineError } from '../../../core/errors.ts'
import { categoryDefaults, type GbdtParameters } from '../../../language/define/gbdt.ts'
import type { ForestObjective } from '../../inference/forest-builder.ts'
import type { SharedWasmMemory } from '../../inference/web-assembly.ts'
import { type Arena, layOutCompiled, scatteredArena } from './arena.ts'
import { type FeatureGroup, featureGroups, recordWords } from './feature-groups.ts'
import { type Packing, packingFor } from './packing.ts'
import { TABLE_LENGTH } from './probability-table.ts'

/** Rows of one task of a phase that goes over all rows. */
export const BLOCK_ROWS = 16_384
/** Cuts of a feature; bins are one more for values and one for missing. */
export const MOST_CUTS = 254
export const MOST_BINS = MOST_CUTS + 2
/** Bins of a feature in a scratch histogram. */
export const SCRATCH_BINS = 256
/** Rows of a deep node whose records are fetched into the first-level cache ahead of their use. */
export const FETCH_ROWS = 512
const MOST_HISTOGRAM_BYTES = 2 ** 32

/** Whole numbers kept for each node, and where. */
export const NODE = {
  start: 0,
  count: 1,
  slot: 2,
  parentSlot: 3,
  sibling: 4,
  feature: 5,
  leftBins: 6,
  missingRight: 7,
  order: 8,
  size: 9,
} as const
/** Numbers kept for the best split of a node in one group of features; sums are in whole units (see Packing). */
export const SPLIT = {
  gain: 0,
  feature: 1,
  leftBins: 2,
  missingRight: 3,
  gradient: 4,
  hessian: 5,
  totalGradient: 6,
  totalHessian: 7,
  /**
   * Of a split on categories: what each side is penalised by beside `lambda`, what was taken off the gain, and from `set` on a bit for each
   * bin that goes left.
   */
  categoryLambda: 8,
  chance: 9,
  set: 10,
  words: 8,
  size: 18,
} as const
/** Whole numbers kept for each block of rows. */
export const BLOCK = { node: 0, start: 1, end: 2, size: 3 } as const
/** Whole numbers kept for each piece of a histogram: the rows of one node, as many as are exact, in one group. */
export const PIECE = { node: 0, group: 1, start: 2, end: 3, size: 4 } as const

/** A table's rows as bins, feature after feature, and their margins. */
export interface BinnedRows {
  readonly rows: number
  readonly bins: Uint8Array
  readonly labels: Float32Array
  /** Empty where each row counts once. */
  readonly weights: Float32Array
  /** Of each row one for each output: those of the first output, then those of the second one. */
  readonly margins: Float32Array
}

/** A finished tree on bins: rows whose bin, less `missingRight` modulo 256, is below `leftBins` go left. */
export interface BinnedTree {
  /** -1 for a leaf. */
  readonly feature: Int32Array
  readonly leftBins: Int32Array
  readonly missingRight: Uint8Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly value: Float32Array
}

/** The margins of rows at one output. */
export function marginsAt({ rows, margins }: BinnedRows, output: number): Float32Array {
  return output === 0 ? margins : margins.subarray(output * rows, (output + 1) * rows)
}

/** Whether rows have weights. */
export interface RowWeights {
  /** Of a training row; absent where each counts once. */
  readonly largest?: number | undefined
  /** Of the weights of all training rows the sum, and that of their squares; absent where each counts once. */
  readonly total?: number | undefined
  readonly squares?: number | undefined
  readonly validation?: boolean
}

/** What is the same for the whole of a training. */
export interface Settings {
  readonly objective: ForestObjective
  /** Margins of a row: as many as classes, or one. Each round grows a tree for each. */
  readonly outputs: number
  readonly rows: number
  readonly features: number
  readonly groups: readonly FeatureGroup[]
  readonly packing: Packing
  /** 1 where rows have no weights. */
  readonly largestWeight: number
  /** Sums of the weights of all rows, and of their squares. */
  readonly totalWeight: number
  readonly squaredWeights: number
  readonly maxBins: number
  readonly seed: number
  readonly subsample: number
  readonly lambda: number
  readonly minChildWeight: number
  /** See category-search.ts. */
  readonly categorySplits: {
    readonly smoothing: number
    readonly lambda: number
    readonly most: number
    readonly rows: number
    readonly chance: number
  }
}

/** Everything that the threads of a training share; all arrays lie in shared memory. */
export interface TrainingMemory {
  readonly settings: Settings
  /** See task-queue.ts. */
  readonly queue: Int32Array
  readonly training: BinnedRows
  readonly validation: BinnedRows
  /** Columns on their way to bins, one for each thread. */
  readonly staging: readonly Float32Array[]
  /** Number of the feature in the first of the staging columns. */
  readonly firstStaged: Int32Array
  readonly cuts: Float32Array
  readonly cutCounts: Int32Array
  /** Where a feature's bins begin in a histogram. */
  readonly binStarts: Int32Array
  readonly records: Uint32Array
  /** Both derivatives of each row (see Packing). */
  readonly derivatives: Float64Array
  /** Number of the tree that is grown, and the output that it adds to. */
  readonly tree: Int32Array
  /** Of each row the logarithm of the sum of e^margin over its classes, as the round began; empty unless there are several. */
  readonly normalisers: Float64Array
  /** Whole gradient units for a gradient of 1. */
  readonly gradientScale: Float64Array
  /** See noise.ts. */
  readonly noise: Float64Array
  /** See probability-table.ts. */
  readonly probabilities: Float64Array
  /** A number of each block of rows: the largest gradient, or the sum of losses. */
  readonly blockValues: Float64Array
  /** Of a squared error the sum of squared gradients of each block of rows. */
  readonly blockSquares: Float64Array
  /** Rows in the order of the nodes that they are in: those of one level in one, those of the next in the other. */
  readonly orders: readonly [Int32Array, Int32Array]
  /** For each node that is parted: where its next row that goes left is put, and behind its next one that goes right. */
  readonly cursors: Int32Array
  /** For each slot, feature and bin: the sum of gradients and of hessians. */
  readonly histograms: Float64Array
  readonly usedFeatures: Uint8Array
  /** Of a feature: 1 where its values are categories, which splits part by sets. Its `cuts` are the categories of its bins. */
  readonly categorical: Uint8Array
  /** For each node that is split on categories and each bin: 1 where it goes left. Empty where no feature has categories. */
  readonly members: Uint8Array
  readonly nodes: Int32Array
  /** What a row of a node gains: where the node is split, on the left and on the right. */
  readonly nodeValues: Float32Array
  readonly splits: Float64Array
  readonly blocks: Int32Array
  readonly pieces: Int32Array
  /** For each node and group: a lock, the number of pieces, and how many of them are in the histogram. */
  readonly merges: Int32Array
  readonly grown: BinnedTree
  /** What each thread needs of its own to build histograms. */
  readonly histogramScratch: readonly HistogramScratch[]
  /** What each thread needs of its own to part rows. */
  readonly partitionScratch: readonly PartitionScratch[]
  /** Where all of this lies, if compiled code can reach it. */
  readonly compiled?: SharedWasmMemory
}

/** Sums of a piece of a histogram, and what is fetched for it. */
export interface HistogramScratch {
  /** Packed sums of a group's features, 256 to a feature. */
  readonly packed: Float64Array
  /** Of the rows that are fetched; the last one keeps what was read. */
  readonly derivatives: Float64Array
}

/** Both sides of a block while it is parted. */
export interface PartitionScratch {
  readonly left: Int32Array
  readonly right: Int32Array
}

/** Whole numbers kept for each node and group in `merges`. */
export const MERGE = { lock: 0, pieces: 1, merged: 2, size: 3 } as const

/** What a training is of: its table, how it is trained, and by how many threads. */
export interface TrainingShape {
  readonly objective: ForestObjective
  /** Of an objective of several classes how many there are. */
  readonly classes?: number
  readonly features: number
  readonly rows: number
  readonly validationRows: number
  readonly parameters: GbdtParameters
  readonly threads: number
  readonly weights: RowWeights
  /** Features whose values are categories. */
  readonly categorical?: readonly number[]
}

/**
 * Allocates what a training needs: two to three bytes for each value of the table, 24 for each row and of several classes four for
 * each class and eight more, a column for each thread, and `features x 4 KB` for each node of the level before the last that has rows.
 * @param kernel `plain` keeps it out of the reach of compiled code
 * @throws TruelineError `invalid_parameter` when the depth needs more than 4 GB of histograms
 */
export function allocate(shape: TrainingShape, kernel: 'compiled' | 'plain' = 'compiled'): TrainingMemory {
  const { features, rows, parameters } = shape
  const slots = Math.min(2 ** (parameters.depth - 1), rows) + 1
  const histogramLength = slots * features * MOST_BINS * 2
  if (histogramLength * 8 > MOST_HISTOGRAM_BYTES)
    throw new TruelineError(
      'invalid_parameter',
      `A depth of ${parameters.depth} is too much for ${features} features.`,
      { path: 'depth' },
    )
  const layOut = (arena: Arena): TrainingMemory => arraysOf(shape, histogramLength, arena)
  const compiled = kernel === 'plain' ? undefined : layOutCompiled(layOut)
  return compiled === undefined ? layOut(scatteredArena()) : { ...compiled.arrays, compiled: compiled.memory }
}

function arraysOf(shape: TrainingShape, histogramLength: number, arena: Arena): TrainingMemory {
  const { objective, features, rows, validationRows, parameters, threads, weights, categorical = [] } = shape
  const outputs = shape.classes ?? 1
  const { uint8, int32, uint32, float32, float64 } = arena
  const groups = featureGroups(features, rows)
  const nodes = 2 ** (parameters.depth + 1)
  const blocks = Math.ceil(Math.max(rows, validationRows) / BLOCK_ROWS) + nodes
  const packing = packingFor(rows, objective, weights.largest)
  const pieces = (Math.ceil(rows / packing.chunkRows) + nodes) * groups.length
  const { maxBins, seed, subsample, lambda, minChildWeight } = parameters
  const orders = [int32(rows), int32(rows)] as const
  const derivatives = float64(rows)
  return {
    settings: {
      ...{ objective, outputs, rows, features, groups, packing, largestWeight: weights.largest ?? 1 },
      ...{ totalWeight: weights.total ?? rows, squaredWeights: weights.squares ?? rows },
      ...{ maxBins, seed, subsample, lambda, minChildWeight },
      categorySplits: categorySplitsOf(parameters),
    },
    queue: int32(8),
    training: binnedRows(arena, { rows, features, outputs, weights: weights.largest === undefined ? 0 : rows }),
    validation: binnedRows(arena, {
      ...{ rows: validationRows, features, outputs },
      weights: weights.validation === true ? validationRows : 0,
    }),
    staging: stagingOf(arena, shape, [...orders, derivatives]),
    firstStaged: int32(1),
    cuts: float32(features * MOST_CUTS),
    cutCounts: int32(features),
    binStarts: int32(features + 1),
    records: uint32(recordWords(groups, rows)),
    derivatives,
    tree: int32(2),
    normalisers: float64(outputs === 1 ? 0 : rows),
    gradientScale: float64(1),
    noise: float64(1),
    probabilities: float64(TABLE_LENGTH),
    blockValues: float64(blocks),
    blockSquares: float64(blocks),
    orders,
    cursors: int32(nodes * 2),
    histograms: float64(histogramLength),
    histogramScratch: Array.from({ length: threads }, () => histogramScratch(arena, groups)),
    partitionScratch: Array.from({ length: threads }, () => ({
      left: int32(BLOCK_ROWS + 1),
      right: int32(BLOCK_ROWS + 1),
    })),
    usedFeatures: uint8(features),
    categorical: uint8(features),
    members: uint8(categorical.length === 0 ? 0 : nodes * SCRATCH_BINS),
    nodes: int32(nodes * NODE.size),
    nodeValues: float32(nodes * 2),
    splits: float64(nodes * groups.length * SPLIT.size),
    blocks: int32(blocks * BLOCK.size),
    pieces: int32(pieces * PIECE.size),
    merges: int32(nodes * groups.length * MERGE.size),
    grown: {
      feature: int32(nodes),
      leftBins: int32(nodes),
      missingRight: uint8(nodes),
      left: int32(nodes),
      right: int32(nodes),
      value: float32(nodes),
    },
  }
}

function categorySplitsOf(parameters: GbdtParameters): Settings['categorySplits'] {
  const all = { ...categoryDefaults, ...parameters }
  return {
    ...{ smoothing: all.categorySmoothing, lambda: all.categoryLambda, most: all.categoryMost },
    ...{ rows: all.categoryRows, chance: all.categoryChance },
  }
}

/**
 * A column for each thread. It is binned before the first tree is grown, in the memory of what only trees need as far as that goes.
 */
function stagingOf(
  { float32 }: Arena,
  { rows, validationRows, threads }: TrainingShape,
  unused: readonly (Int32Array | Float64Array)[],
): Float32Array[] {
  const length = Math.max(rows, validationRows)
  const fitting = unused.filter(({ byteLength }) => byteLength >= 4 * length && length > 0)
  return Array.from({ length: threads }, (_, thread) => {
    const shared = fitting[thread]
    return shared === undefined
      ? float32(length)
      : new Float32Array(shared.buffer as SharedArrayBuffer, shared.byteOffset, length)
  })
}

interface TableSize {
  readonly rows: number
  readonly features: number
  readonly outputs: number
  /** Rows that have one. */
  readonly weights: number
}

function binnedRows({ uint8, float32 }: Arena, { rows, features, outputs, weights }: TableSize): BinnedRows {
  return {
    ...{ rows, bins: uint8(rows * features), labels: float32(rows), weights: float32(weights) },
    margins: float32(rows * outputs),
  }
}

function histogramScratch({ float64 }: Arena, groups: readonly FeatureGroup[]): HistogramScratch {
  const words = Math.max(...groups.map((group) => group.words))
  return { packed: float64(words * 4 * SCRATCH_BINS), derivatives: float64(FETCH_ROWS + 1) }
}
