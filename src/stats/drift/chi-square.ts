import { chiSquareProbability } from '../distributions.ts'
import { type Counts, checkCounts, totalOf } from './counts.ts'

/** A chi-square statistic with the probability of one at least as large by chance; p below about 1e-16 reads 0. */
export interface ChiSquare {
  readonly statistic: number
  readonly degreesOfFreedom: number
  readonly pValue: number
}

/**
 * Pearson's chi-square test that two samples come from the same distribution. Both are taken as samples: the reference is
 * not the truth, as it would be in a test of fit. Bins that are empty in both samples do not count. Undefined when a
 * sample is empty or only one bin is filled.
 *
 * The p-value is accurate where every bin expects some ten rows of either sample. No counts are added to the cells: half
 * a count each would pull a small sample towards equal shares but not a large one, which alone makes false alarms.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function homogeneity(reference: Counts, current: Counts): ChiSquare | undefined {
  checkCounts(reference, current)
  const referenceTotal = totalOf(reference)
  const currentTotal = totalOf(current)
  let filled = 0
  let statistic = 0
  for (let bin = 0; bin < reference.length; bin++) {
    const before = reference[bin]!
    const now = current[bin]!
    if (before + now === 0) continue
    statistic += (before * currentTotal - now * referenceTotal) ** 2 / (before + now)
    filled++
  }
  if (referenceTotal === 0 || currentTotal === 0 || filled < 2) return undefined
  return result(statistic / (referenceTotal * currentTotal), filled - 1)
}

/**
 * Pearson's chi-square test that counts follow given weights, such as the arms of an experiment its shares (sample ratio).
 * Bins of weight 0 do not count. Undefined when the sample is empty or fewer than two bins have a weight.
 *
 * @example `goodnessOfFit([310, 98], [75, 25])?.pValue // 0.647`
 * @throws `invalid_parameter` for counts and weights that do not fit each other.
 */
export function goodnessOfFit(counts: Counts, weights: Counts): ChiSquare | undefined {
  checkCounts(counts, weights)
  let total = 0
  let weight = 0
  let bins = 0
  for (let bin = 0; bin < counts.length; bin++) {
    if (weights[bin] === 0) continue
    total += counts[bin]!
    weight += weights[bin]!
    bins++
  }
  if (total === 0 || bins < 2) return undefined
  let statistic = 0
  for (let bin = 0; bin < counts.length; bin++) {
    if (weights[bin] === 0) continue
    const expected = (total * weights[bin]!) / weight
    statistic += (counts[bin]! - expected) ** 2 / expected
  }
  return result(statistic, bins - 1)
}

function result(statistic: number, degreesOfFreedom: number): ChiSquare {
  return { statistic, degreesOfFreedom, pValue: 1 - chiSquareProbability(statistic, degreesOfFreedom) }
}
