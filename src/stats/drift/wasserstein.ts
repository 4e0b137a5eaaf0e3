import { checkSameBins, type Histogram } from '../histograms/histogram.ts'
import { totalOf } from './counts.ts'
import { checkSample } from './samples.ts'

/**
 * Wasserstein distance (earth mover's) between two samples, in the unit of the values: the area between their
 * distribution functions. Undefined when a sample is empty.
 *
 * @throws `not_finite` for NaN or an infinity.
 */
export function wasserstein(reference: Float64Array, current: Float64Array): number | undefined {
  checkSample(reference)
  checkSample(current)
  if (reference.length === 0 || current.length === 0) return undefined
  const before = reference.toSorted()
  const now = current.toSorted()
  let distance = 0
  let beforeRank = 0
  let nowRank = 0
  let position = Math.min(before[0]!, now[0]!)
  while (beforeRank < before.length || nowRank < now.length) {
    const value = Math.min(before[beforeRank] ?? Number.POSITIVE_INFINITY, now[nowRank] ?? Number.POSITIVE_INFINITY)
    distance += Math.abs(beforeRank / before.length - nowRank / now.length) * (value - position)
    position = value
    while (before[beforeRank] === value) beforeRank++
    while (now[nowRank] === value) nowRank++
  }
  return distance
}

/**
 * Wasserstein distance between two histograms in standard deviations of the reference, each bin standing at its center;
 * missing values take no part. Values far beyond the reference count as its outermost bin. Undefined when a sample is
 * empty, and for a constant reference.
 *
 * @throws `invalid_parameter` when the histograms have different bins.
 */
export function standardizedWasserstein(reference: Histogram, current: Histogram): number | undefined {
  checkSameBins(reference, current)
  const { centers, deviation } = reference.bins
  const before = totalOf(reference.counts.subarray(0, centers.length))
  const now = totalOf(current.counts.subarray(0, centers.length))
  if (before === 0 || now === 0 || deviation === 0) return undefined
  let distance = 0
  let difference = 0
  for (let bin = 0; bin + 1 < centers.length; bin++) {
    difference += reference.counts[bin]! / before - current.counts[bin]! / now
    distance += Math.abs(difference) * (centers[bin + 1]! - centers[bin]!)
  }
  return distance / deviation
}
