import { type Expansion, growByProduct, growExpansion, roundExpansion } from './expansion.ts'

/**
 * The double nearest to low + part * (high - low), ties to even.
 * @param part from 0 to 1; all three are zero or between 2^-200 and 2^200 in size
 */
export function nearestBetween(low: number, high: number, part: number): number {
  if (low === high) return low
  const sum: Expansion = []
  growExpansion(sum, low)
  growByProduct(sum, part, high)
  growByProduct(sum, -part, low)
  return roundExpansion(sum)
}
