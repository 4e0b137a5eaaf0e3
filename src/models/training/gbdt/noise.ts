import { CLASS_HESSIAN } from './packing.ts'
import type { TrainingMemory } from './shared-memory.ts'
import { blocksOf } from './work-lists.ts'

/**
 * What the square of a sum of gradients over the sum of their hessians is on average where nothing is left to learn, in whole units (see
 * Packing): so much does a category gain that says nothing. Of a log loss a second derivative is the variance of the first one; of a
 * squared error that variance is what the trees before have left of it.
 *
 * To be asked when the gradients of a tree are scaled, of a squared error with its residuals summed.
 */
export function noiseOf({ settings, gradientScale, blockSquares }: TrainingMemory): number {
  const { objective, packing, rows, totalWeight, squaredWeights } = settings
  const scale = gradientScale[0] as number
  const unit = (scale * scale) / packing.hessianScale
  if (objective === 'binary') return (unit * squaredWeights) / totalWeight
  if (objective === 'multiclass') return (unit * squaredWeights) / totalWeight / CLASS_HESSIAN
  const squares = blockSquares.subarray(0, blocksOf(rows)).reduce((sum, value) => sum + value, 0)
  return (unit * squares) / totalWeight
}
