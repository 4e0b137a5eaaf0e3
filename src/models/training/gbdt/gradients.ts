import { rowHash, treeSeed } from './row-hash.ts'
import type { RowKernel } from './row-kernel.ts'
import { BLOCK_ROWS, type TrainingMemory } from './shared-memory.ts'

/** Writes both derivatives of the loss for a block of rows: log loss, or squared error. */
export function writeGradients(memory: TrainingMemory, kernel: RowKernel, block: number): void {
  const { training, derivatives, settings, tree, gradientScale, probabilities } = memory
  if (settings.objective === 'regression') {
    if (training.weights.length === 0) squaredErrorGradients(memory, block)
    else weightedErrorGradients(memory, block)
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
