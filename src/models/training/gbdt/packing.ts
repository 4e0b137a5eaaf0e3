import type { ForestObjective } from '../../inference/forest-builder.ts'

/** Bits of a double that a sum of two whole numbers may use, the sign left out. */
const BITS = 52
const MOST_CHUNK_BITS = 15
/** Bits of the weight of the heaviest row, which is the second derivative of a weighted squared error. */
const WEIGHT_BITS = 8

/**
 * How a row's first and second derivative are kept: as whole numbers in one double, `gradient * shift + hessian`. Sums
 * of such numbers over up to `chunkRows` rows are exact, so they do not depend on the order of the rows nor on how
 * threads share them; and a histogram takes one addition for each row and feature instead of two.
 *
 * After the quantised training of LightGBM (Shi et al., "Quantized Training of Gradient Boosting Decision Trees",
 * 2022), with more levels and in exact arithmetic.
 */
export interface Packing {
  readonly shift: number
  readonly chunkRows: number
  /** Whole gradients lie between plus and minus this. */
  readonly gradientLevels: number
  /** Whole numbers for a second derivative of 1; of binary models it never exceeds a quarter of the weight, of several classes half of it. */
  readonly hessianScale: number
}

/**
 * The finest levels that are exact for the number of rows; at 32,768 rows or more they no longer get coarser.
 * @param largestWeight of a row, if rows have weights
 */
export function packingFor(rows: number, objective: ForestObjective, largestWeight?: number): Packing {
  let chunkBits = 0
  while (chunkBits < MOST_CHUNK_BITS && 2 ** chunkBits < rows) chunkBits += 1
  const hessianBits = hessianBitsFor(objective, chunkBits, largestWeight !== undefined)
  const gradientLevels = 2 ** (BITS - hessianBits - chunkBits) - 1
  const packed = { shift: 2 ** hessianBits, chunkRows: 2 ** chunkBits, gradientLevels }
  if (objective !== 'regression') {
    const binary = (4 * gradientLevels) / (largestWeight ?? 1)
    return { ...packed, hessianScale: objective === 'binary' ? binary : binary / CLASS_HESSIAN }
  }
  return { ...packed, hessianScale: largestWeight === undefined ? 1 : (2 ** WEIGHT_BITS - 1) / largestWeight }
}

/**
 * By how much the second derivative of a class, p (1 - p), is taken for more than it is: 2, as XGBoost does. All classes move at once, so
 * that steps by it alone are too long. Friedman's ("Greedy function approximation", 2001, algorithm 6) and LightGBM's K / (K - 1) gave log
 * losses up to 1% higher on tables of 3, 5 and 8 classes (tests/engines/multiclass-suite.ts).
 */
export const CLASS_HESSIAN = 2

function hessianBitsFor(objective: ForestObjective, chunkBits: number, weighted: boolean): number {
  if (objective !== 'regression') return BITS / 2
  // The squared error's second derivative is 1: its sum is the number of rows, and the gradient has the rest.
  return weighted ? chunkBits + WEIGHT_BITS : chunkBits + 1
}
