import { TruelineError } from '../../core/errors.ts'
import { type Bins, binOf, restoreBins } from './bins.ts'

/**
 * Exact counts of values over frozen bins. Counting is the same in any order, and two histograms of the same bins merge
 * without loss.
 */
export interface Histogram {
  readonly bins: Bins
  /** One whole number for each value bin, and the number of missing values last. */
  readonly counts: Float64Array
}

/** A histogram as JSON; its numbers survive the way there and back to the bit. */
export interface EncodedHistogram {
  readonly edges: readonly number[]
  readonly centers: readonly number[]
  readonly deviation: number
  readonly counts: readonly number[]
}

/** An empty histogram over bins. */
export function createHistogram(bins: Bins): Histogram {
  return { bins, counts: new Float64Array(bins.edges.length + 2) }
}

/** Counts one value; NaN is a missing one. */
export function addValue(histogram: Histogram, value: number): void {
  const bin = binOf(histogram.bins, value)
  histogram.counts[bin] = histogram.counts[bin]! + 1
}

/** Counts a column of values; NaN is a missing one. */
export function addValues(histogram: Histogram, values: Float64Array | Float32Array): void {
  const { bins, counts } = histogram
  for (let row = 0; row < values.length; row++) {
    const bin = binOf(bins, values[row]!)
    counts[bin] = counts[bin]! + 1
  }
}

/** How many values were counted, missing ones included. */
export function countOf(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0)
}

/**
 * Adds the counts of one histogram to another.
 *
 * @throws `invalid_parameter` when their bins differ.
 */
export function mergeHistogram(into: Histogram, other: Histogram): void {
  checkSameBins(into, other)
  for (let bin = 0; bin < into.counts.length; bin++) into.counts[bin] = into.counts[bin]! + other.counts[bin]!
}

/** @throws `invalid_parameter` when the edges of two histograms differ. */
export function checkSameBins(one: Histogram, other: Histogram): void {
  const same = one.bins.edges.length === other.bins.edges.length
  if (same && one.bins.edges.every((edge, index) => edge === other.bins.edges[index])) return
  throw new TruelineError(
    'invalid_parameter',
    'The two histograms have different bins and cannot be compared or merged.',
  )
}

/** The histogram as plain JSON. */
export function encodeHistogram({ bins, counts }: Histogram): EncodedHistogram {
  return { edges: [...bins.edges], centers: [...bins.centers], deviation: bins.deviation, counts: [...counts] }
}

/**
 * The histogram that was encoded.
 *
 * @throws `artifact_corrupt` when the lengths do not fit, the edges do not ascend, or a count is no whole number.
 */
export function decodeHistogram(encoded: EncodedHistogram): Histogram {
  const { edges, centers, deviation, counts } = encoded
  const lengths = counts.length === edges.length + 2 && centers.length === edges.length + 1
  const ascending = edges.every((edge, index) => index === 0 || edge > edges[index - 1]!)
  const whole = counts.every((count) => Number.isSafeInteger(count) && count >= 0)
  if (!lengths || !ascending || !whole || !(deviation >= 0)) {
    throw new TruelineError('artifact_corrupt', 'A stored histogram is damaged: its edges and counts do not fit.')
  }
  const bins = restoreBins(Float64Array.from(edges), Float64Array.from(centers), deviation)
  return { bins, counts: Float64Array.from(counts) }
}
