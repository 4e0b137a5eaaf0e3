import { exp } from '../../../core/math/exp.ts'
import { CLASS_HESSIAN } from './packing.ts'
import { rowHash, treeSeed } from './row-hash.ts'
import type { RowKernel } from './row-kernel.ts'
import { BLOCK_ROWS, marginsAt, type TrainingMemory } from './shared-memory.ts'

/** Writes both derivatives of the loss for a block of rows: log loss, of two classes or several, or squared error. */
export function writeGradients(memory: TrainingMemory, kernel: RowKernel, block: number): void {
  const { training, derivatives, settings, tree, gradientScale, probabilities } = memory
  if (settings.objective === 'regression') {
    if (training.weights.length === 0) squaredErrorGradients(memory, block)
    else weightedErrorGradients(memory, block)
    return
  }
  if (settings.objective === 'multiclass') {
    multinomialGradients(memory, block)
    return
  }
  kernel.logLossGradients({
    ...{ rows: training, table: probabilities, derivatives, packing: settings.packing },
    from: block * BLOCK_ROWS,
    to: Math.min(training.rows, (block + 1) * BLOCK_ROWS),
    seed: treeSeed(settings.seed, tree[0] as number) ^ 0x5bd1e995,
    scale: gradientScale[0] as number,
  })
}

/**
 * Derivatives p - y and 2 p (1 - p) of the class that the tree is for, times the weights of rows, rounded to whole units up or
 * down at random as those of two classes are. All trees of a round see the probabilities that it began with: a margin is
 * changed by its own tree alone.
 */
function multinomialGradients(memory: TrainingMemory, block: number): void {
  const { training, derivatives, settings, tree, gradientScale, normalisers } = memory
  const { labels, weights, rows } = training
  const output = tree[1] as number
  const margins = marginsAt(training, output)
  const { shift } = settings.packing
  const scale = gradientScale[0] as number
  const hessianScale = settings.packing.hessianScale * CLASS_HESSIAN
  const seed = treeSeed(settings.seed, tree[0] as number) ^ 0x5bd1e995
  const weighted = weights.length > 0
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    // Rounding may take it above 1, where p (1 - p) would be below 0.
    const probability = Math.min(1, exp((margins[row] as number) - (normalisers[row] as number)))
    const random = rowHash(seed, row)
    const weight = weighted ? (weights[row] as number) : 1
    const residual = labels[row] === output ? probability - 1 : probability
    const gradient = Math.floor(residual * weight * scale + (random >>> 16) / 65_536)
    const hessian = Math.floor(probability * (1 - probability) * weight * hessianScale + (random & 0xffff) / 65_536)
    derivatives[row] = gradient * shift + hessian
  }
}

/**
 * Derivatives margin - y and 1, rounded to whole units up or down at random, so that the sum over many rows is right on average
 * even where each is far below one unit.
 */
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

/** The largest distance of a margin from its label, times the weight of the row, in a block of rows, and the sum of their squares. */
export function measureResiduals({ training, blockValues, blockSquares }: TrainingMemory, block: number): void {
  const { margins, labels, weights, rows } = training
  const weighted = weights.length > 0
  const end = Math.min(rows, (block + 1) * BLOCK_ROWS)
  let largest = 0
  let squares = 0
  for (let row = block * BLOCK_ROWS; row < end; row += 1) {
    const weight = weighted ? (weights[row] as number) : 1
    const residual = Math.abs((margins[row] as number) - (labels[row] as number)) * weight
    if (residual > largest) largest = residual
    squares += residual * residual
  }
  blockValues[block] = largest
  blockSquares[block] = squares
}

/** The greatest power of two that keeps residuals up to `largest` within `levels` whole units. */
export function residualScale(largest: number, levels: number): number {
  let scale = 1
  if (largest === 0) return scale
  while (largest * scale <= levels) scale *= 2
  while (largest * scale > levels) scale /= 2
  return scale
}
