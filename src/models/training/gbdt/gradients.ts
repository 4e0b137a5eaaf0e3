import { sigmoid } from '../../../core/math/exp.ts'
import { rowHash, treeSeed } from './row-hash.ts'
import { BLOCK_ROWS, type TrainingMemory } from './shared-memory.ts'

/** The table of probabilities covers margins between plus and minus this; beyond, they hardly change. */
const WIDEST = 16
const STEPS = 128

/** Writes both derivatives of the loss for a block of rows. */
export type GradientTask = (memory: TrainingMemory, block: number) => void

/** The task for log loss or squared error, with the tables that it needs. */
export function gradientTask({ settings, training }: TrainingMemory): GradientTask {
  if (settings.objective === 'regression')
    return training.weights.length === 0 ? squaredErrorGradients : weightedErrorGradients
  const table = Float64Array.from({ length: 2 * WIDEST * STEPS + 2 }, (_, i) => sigmoid(i / STEPS - WIDEST))
  return (memory, block) => logLossGradients(memory, block, table)
}

/**
 * Derivatives p - y and p (1 - p), times the weight of the row, rounded to whole units up or down at random, so that the sum over many rows is right
 * on average even where each is far below one unit, as for rare labels.
 */
function logLossGradients(memory: TrainingMemory, block: number, table: Float64Array): void {
  const { training, derivatives, settings, tree, gradientScale } = memory
  const { margins, labels, weights } = training
  const { shift, hessianScale } = settings.packing
  const scale = gradientScale[0] as number
  const weighted = weights.length > 0
  const seed = treeSeed(settings.seed, tree[0] as number) ^ 0x5bd1e995
  const end = Math.min(training.rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const margin = margins[row] as number
    const place = (Math.min(Math.max(margin, -WIDEST), WIDEST) + WIDEST) * STEPS
    const step = place | 0
    const below = table[step] as number
    const probability = below + ((table[step + 1] as number) - below) * (place - step)
    const random = rowHash(seed, row)
    const weight = weighted ? (weights[row] as number) : 1
    const gradient = Math.floor((probability - (labels[row] as number)) * weight * scale + (random >>> 16) / 65_536)
    const hessian = Math.floor(probability * (1 - probability) * weight * hessianScale + (random & 0xffff) / 65_536)
    derivatives[row] = gradient * shift + hessian
  }
}

/** As above, with the derivatives margin - y and 1. */
function squaredErrorGradients(memory: TrainingMemory, block: number): void {
  const { training, derivatives, settings, tree, gradientScale } = memory
  const { margins, labels } = training
  const { shift } = settings.packing
  const scale = gradientScale[0] as number
  const seed = treeSeed(settings.seed, tree[0] as number) ^ 0x5bd1e995
  const end = Math.min(training.rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const residual = (margins[row] as number) - (labels[row] as number)
    derivatives[row] = Math.floor(residual * scale + rowHash(seed, row) / 2 ** 32) * shift + 1
  }
}

/** As above, with the derivatives (margin - y) w and w. */
function weightedErrorGradients(memory: TrainingMemory, block: number): void {
  const { training, derivatives, settings, tree, gradientScale } = memory
  const { margins, labels, weights } = training
  const { shift, hessianScale } = settings.packing
  const scale = gradientScale[0] as number
  const seed = treeSeed(settings.seed, tree[0] as number) ^ 0x5bd1e995
  const end = Math.min(training.rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const random = rowHash(seed, row)
    const weight = weights[row] as number
    const residual = (margins[row] as number) - (labels[row] as number)
    const gradient = Math.floor(residual * weight * scale + (random >>> 16) / 65_536)
    derivatives[row] = gradient * shift + Math.floor(weight * hessianScale + (random & 0xffff) / 65_536)
  }
}

/** The largest distance of a margin from its label, times the weight of the row, in a block of rows. */
export function largestResidual({ training, blockValues }: TrainingMemory, block: number): void {
  const { margins, labels, weights, rows } = training
  const weighted = weights.length > 0
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  let largest = 0
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const weight = weighted ? (weights[row] as number) : 1
    const residual = Math.abs((margins[row] as number) - (labels[row] as number)) * weight
    if (residual > largest) largest = residual
  }
  blockValues[block] = largest
}

/** The greatest power of two that keeps residuals up to `largest` within `levels` whole units. */
export function residualScale(largest: number, levels: number): number {
  let scale = 1
  if (largest === 0) return scale
  while (largest * scale <= levels) scale *= 2
  while (largest * scale > levels) scale /= 2
  return scale
}
