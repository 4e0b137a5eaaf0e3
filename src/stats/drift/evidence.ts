import { homogeneity } from './chi-square.ts'
import { type Counts, checkCounts, totalOf } from './counts.ts'
import { fisherExact } from './fisher-exact.ts'
import { poolSparseBins } from './pool-sparse-bins.ts'

/** How surely two histograms differ. */
export interface Evidence {
  /** The probability of a difference at least as large if both samples came from one distribution. */
  readonly pValue: number
  /** Of the chi-square part; 1 where only rare bins could be compared. */
  readonly degreesOfFreedom: number
}

/** Cochran's old rule says five; with ten the error rate holds over all numbers of bins. */
const MINIMUM_EXPECTED = 10

/**
 * Tests that two samples over the same bins come from one distribution; where they do, p <= .05 in at most 6% of samples,
 * for any number of bins and rows. A chi-square test over bins that expect ten rows or more (sparse neighbours merged;
 * Fisher's exact test where they are two, for which chi-square alarms in up to 7%) is combined with Fisher's exact test
 * on the bins that stay rare, after Sidak: given the sums of the bins, the two are independent.
 *
 * The bins from `ordered` on, such as that of missing values, are never merged with neighbours. Undefined when no two
 * groups of bins can be told apart at these sizes; samples that are all in one bin are equal: p = 1.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function driftEvidence(reference: Counts, current: Counts, ordered: number): Evidence | undefined {
  checkCounts(reference, current)
  const referenceTotal = totalOf(reference)
  const currentTotal = totalOf(current)
  if (referenceTotal === 0 || currentTotal === 0) return undefined
  const { groups, sparse } = poolSparseBins(reference, current, { minimumExpected: MINIMUM_EXPECTED, ordered })
  const pValues: number[] = []
  if (groups.reference.length > 1) pValues.push(homogeneityP(groups.reference, groups.current))
  if (groups.reference.length > 0 && sparse.reference + sparse.current > 0) {
    pValues.push(fisherExact(sparse.reference, referenceTotal, sparse.current, currentTotal))
  }
  const degreesOfFreedom = Math.max(1, groups.reference.length - 1)
  if (pValues.length > 0) {
    const smallest = Math.min(...pValues)
    return { pValue: pValues.length === 1 ? smallest : smallest * (2 - smallest), degreesOfFreedom } // 1 - (1 - p)^2
  }
  let filled = 0
  for (let bin = 0; bin < reference.length; bin++) filled += reference[bin]! + current[bin]! > 0 ? 1 : 0
  return filled === 1 ? { pValue: 1, degreesOfFreedom } : undefined
}

function homogeneityP(reference: readonly number[], current: readonly number[]): number {
  if (reference.length > 2) return homogeneity(reference, current)?.pValue ?? 1 // undefined: one has only sparse rows
  return fisherExact(reference[0]!, reference[0]! + reference[1]!, current[0]!, current[0]! + current[1]!)
}
