import { sigmoid } from '../../core/math/exp.ts'
import { type Forest, treeCount } from './forest.ts'
import { type ForestHeap, forestHeap } from './forest-heap.ts'

/** Scores rows by a forest. Missing inputs are NaN. Not to be called from two threads at once. */
export interface ForestScorer {
  /** Inputs of a row. */
  readonly inputs: number
  /** The score of the row that begins at `offset`: the probability of a binary forest, else the margin. */
  scoreRow(values: Float64Array, offset: number): number
  /** The margin of the row that begins at `offset`: log-odds of a binary forest; a float32. */
  marginRow(values: Float64Array, offset: number): number
  /** Scores of rows that lie one after the other. */
  scoreRows(values: Float64Array, rows: number): Float64Array
  /** Scores of rows that are given by column. */
  scoreColumns(columns: readonly (Float32Array | Float64Array)[], rows: number): Float64Array
}

/**
 * A scorer of a forest. Scores are the same bits on every host: inputs are cast to float32, leaves added in float32 in the
 * order of the trees, and the probability computed from the margin in double.
 */
export function createForestScorer(forest: Forest): ForestScorer {
  const inputs = forest.featureNames.length
  const slots = new Float32Array(2 * inputs)
  const heap = forestHeap(forest)
  const margin = heap === undefined ? walker(forest, slots) : heapScorer(forest, heap, slots)
  const score = forest.objective === 'binary' ? () => sigmoid(margin()) : margin
  const load = (values: Float64Array, offset: number): void => {
    for (let input = 0; input < inputs; input += 1) setInput(slots, inputs, input, values[offset + input] as number)
  }
  const scoreRow = (values: Float64Array, offset: number): number => {
    load(values, offset)
    return score()
  }
  return {
    inputs,
    scoreRow,
    marginRow(values, offset) {
      load(values, offset)
      return margin()
    },
    scoreRows(values, rows) {
      const scores = new Float64Array(rows)
      for (let row = 0; row < rows; row += 1) scores[row] = scoreRow(values, row * inputs)
      return scores
    },
    scoreColumns(columns, rows) {
      const scores = new Float64Array(rows)
      for (let row = 0; row < rows; row += 1) {
        for (let input = 0; input < inputs; input += 1) setInput(slots, inputs, input, columns[input]?.[row] as number)
        scores[row] = score()
      }
      return scores
    },
  }
}

/** Writes both slots of an input (see ForestHeap), cast to float32. */
function setInput(slots: Float32Array, inputs: number, input: number, value: number): void {
  const missing = Number.isNaN(value)
  slots[input] = missing ? Number.NEGATIVE_INFINITY : value
  slots[input + inputs] = missing ? Number.POSITIVE_INFINITY : value
}

/**
 * Walks four trees abreast: each step waits for the one before it, so one tree alone would leave the processor idle most
 * of the time. `+` makes the comparison a number without a branch; `? :` would not.
 */
function heapScorer(forest: Forest, heap: ForestHeap, inputs: Float32Array): () => number {
  const { depths, starts, slots, thresholds, leaves } = heap
  const { baseMargin } = forest
  return () => {
    let sum = baseMargin
    for (let group = 0; group < depths.length; group += 1) {
      const depth = depths[group] as number
      const size = 1 << depth
      const a = starts[group] as number
      const b = (a + size) | 0
      const c = (b + size) | 0
      const d = (c + size) | 0
      let i = 1
      let j = 1
      let k = 1
      let l = 1
      for (let level = 0; level < depth; level += 1) {
        const p = (a + i) | 0
        const q = (b + j) | 0
        const r = (c + k) | 0
        const s = (d + l) | 0
        i = (i << 1) | +((inputs[slots[p] as number] as number) >= (thresholds[p] as number))
        j = (j << 1) | +((inputs[slots[q] as number] as number) >= (thresholds[q] as number))
        k = (k << 1) | +((inputs[slots[r] as number] as number) >= (thresholds[r] as number))
        l = (l << 1) | +((inputs[slots[s] as number] as number) >= (thresholds[s] as number))
      }
      sum = Math.fround(sum + (leaves[(a + i - size) | 0] as number))
      sum = Math.fround(sum + (leaves[(b + j - size) | 0] as number))
      sum = Math.fround(sum + (leaves[(c + k - size) | 0] as number))
      sum = Math.fround(sum + (leaves[(d + l - size) | 0] as number))
    }
    return sum
  }
}

/** Walks tree by tree: for trees that are too deep for heaps. */
function walker(forest: Forest, inputs: Float32Array): () => number {
  const { feature, threshold, defaultLeft, right, value } = forest.nodes
  const { baseMargin, treeStarts, featureNames } = forest
  const trees = treeCount(forest)
  return () => {
    let sum = baseMargin
    for (let tree = 0; tree < trees; tree += 1) {
      let node = treeStarts[tree] as number
      for (let input = feature[node] as number; input >= 0; input = feature[node] as number) {
        const slot = defaultLeft[node] === 1 ? input : input + featureNames.length
        node = (inputs[slot] as number) < (threshold[node] as number) ? node + 1 : (right[node] as number)
      }
      sum = Math.fround(sum + (value[node] as number))
    }
    return sum
  }
}
