import type { Forest } from './forest.ts'
import { type ForestHeap, forestHeap } from './forest-heap.ts'
import { walkForest } from './forest-walk.ts'
import type { Scorer } from './scorer.ts'
import { transformer } from './transform.ts'

/**
 * A scorer of a forest. Margins are the same bits on every host, those that `Forest` says; scores are made of them in double
 * by functions of our own.
 */
export function createForestScorer(forest: Forest): Scorer {
  const { outputs, featureNames, transform } = forest
  const inputs = featureNames.length
  const write = marginWriter(forest)
  const toScores = transformer(transform, outputs)
  const one = new Float64Array(outputs)
  const scoreInto = (values: Float64Array, offset: number, scores: Float64Array, at: number): void => {
    write(values, offset, scores, at)
    toScores(scores, at)
  }
  return {
    inputs,
    outputs,
    scoreInto,
    scoreRow(values, offset) {
      scoreInto(values, offset, one, 0)
      return one[0]!
    },
    marginRow(values, offset) {
      write(values, offset, one, 0)
      return one[0]!
    },
    scoreRows(values, rows) {
      const scores = new Float64Array(rows * outputs)
      for (let row = 0; row < rows; row += 1) scoreInto(values, row * inputs, scores, row * outputs)
      return scores
    },
    scoreColumns(columns, rows) {
      const scores = new Float64Array(rows * outputs)
      const values = new Float64Array(inputs)
      for (let row = 0; row < rows; row += 1) {
        for (let input = 0; input < inputs; input += 1) values[input] = columns[input]?.[row] as number
        scoreInto(values, 0, scores, row * outputs)
      }
      return scores
    },
  }
}

type MarginWriter = (values: Float64Array, offset: number, margins: Float64Array, at: number) => void

function marginWriter(forest: Forest): MarginWriter {
  const heap = forestHeap(forest)
  if (heap === undefined) return (values, offset, margins, at) => walkForest(forest, values, offset, margins, at)
  const inputs = forest.featureNames.length
  const slots = new Float32Array(2 * inputs)
  const margin = heapScorer(forest, heap, slots)
  return (values, offset, margins, at) => {
    for (let input = 0; input < inputs; input += 1) setInput(slots, inputs, input, values[offset + input] as number)
    margins[at] = margin()
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
  const baseMargin = forest.baseMargins[0]!
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
