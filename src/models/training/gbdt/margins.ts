import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import { splitRows } from './partition.ts'
import type { RowKernel } from './row-kernel.ts'
import {
  type BinnedRows,
  BLOCK,
  BLOCK_ROWS,
  marginsAt,
  NODE,
  SCRATCH_BINS,
  type TrainingMemory,
} from './shared-memory.ts'

/** Adds the value of their leaf to the margins of a block of rows that lie in one node. */
export function addLeaves(memory: TrainingMemory, kernel: RowKernel, block: number): void {
  const { blocks, nodes, nodeValues, training, tree } = memory
  const id = blocks[block * BLOCK.size + BLOCK.node] as number
  const rows = splitRows(memory, block)
  const left = nodeValues[2 * id] as number
  const right = nodeValues[2 * id + 1] as number
  const margins = marginsAt(training, tree[1] as number)
  if ((nodes[id * NODE.size + NODE.feature] as number) >= 0) {
    kernel.addLeaves(rows, left, right, margins)
    return
  }
  const { order, from, to } = rows
  for (let i = from; i < to; i += 1) margins[order[i] as number]! += left
}

/** Adds the leaf that each row of a block falls into, down the whole tree. */
export function addTree(
  { grown, categorical, members, tree }: TrainingMemory,
  binned: BinnedRows,
  block: number,
): void {
  const { rows, bins } = binned
  const margins = marginsAt(binned, tree[1] as number)
  const hasCategories = members.length > 0
  const { feature, leftBins, missingRight, left, right, value } = grown
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    let node = 0
    for (let column = feature[0] as number; column >= 0; column = feature[node] as number) {
      const bin = bins[column * rows + row] as number
      const goesLeft =
        hasCategories && categorical[column] === 1
          ? members[node * SCRATCH_BINS + bin] === 1
          : ((bin - (missingRight[node] as number)) & 255) < (leftBins[node] as number)
      node = (goesLeft ? left[node] : right[node]) as number
    }
    margins[row]! += value[node] as number
  }
}

/** Sums the loss over a block of validation rows, each times its weight: log loss, of two classes or several, or squared error. */
export function sumLoss(memory: TrainingMemory, block: number): void {
  if (memory.settings.outputs === 1) sumSingleLoss(memory, block)
  else sumMultinomialLoss(memory, block)
}

function sumMultinomialLoss({ validation, settings, blockValues }: TrainingMemory, block: number): void {
  const { rows, margins, labels, weights } = validation
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  let sum = 0
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const ofLabel = margins[(labels[row] as number) * rows + row] as number
    const loss = logSumOfPowers(margins, rows, settings.outputs, row) - ofLabel
    sum += weights.length > 0 ? (weights[row] as number) * loss : loss
  }
  blockValues[block] = sum
}

/** Writes the logarithm of the sum of e^margin over the classes for a block of training rows. */
export function writeNormalisers({ training, settings, normalisers }: TrainingMemory, block: number): void {
  const { rows, margins } = training
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1)
    normalisers[row] = logSumOfPowers(margins, rows, settings.outputs, row)
}

/** In a form that does not overflow: the greatest margin is taken out of the sum. */
function logSumOfPowers(margins: Float32Array, rows: number, outputs: number, row: number): number {
  let most = margins[row] as number
  for (let place = rows + row; place < outputs * rows; place += rows)
    if ((margins[place] as number) > most) most = margins[place] as number
  let sum = 0
  for (let place = row; place < outputs * rows; place += rows) sum += exp((margins[place] as number) - most)
  return most + log(sum)
}

function sumSingleLoss({ validation, settings, blockValues }: TrainingMemory, block: number): void {
  const { rows, margins, labels, weights } = validation
  const weighted = weights.length > 0
  const binary = settings.objective === 'binary'
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  let sum = 0
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const margin = margins[row] as number
    const label = labels[row] as number
    const weight = weighted ? (weights[row] as number) : 1
    // log(1 + e^m) - m y, in a form that does not overflow.
    if (binary) sum += weight * (log(1 + exp(-Math.abs(margin))) + Math.max(margin, 0) - margin * label)
    else sum += weight * (margin - label) * (margin - label)
  }
  blockValues[block] = sum
}
