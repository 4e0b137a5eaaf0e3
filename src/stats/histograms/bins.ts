import { TruelineError } from '../../core/errors.ts'

/**
 * Bins of a numeric column, frozen from a reference sample. Value bin `i` holds values above edge `i - 1` and up to edge
 * `i`; the first and the last are open, so that every number has a bin. One more bin, the last of all, counts missing values.
 */
export interface Bins {
  /** Ascending upper ends of all value bins but the last. */
  readonly edges: Float64Array
  /** Mean of the reference values in each value bin; of an empty bin the middle between its edges, or its only edge. */
  readonly centers: Float64Array
  /** Standard deviation of the reference values; 0 for a constant. */
  readonly deviation: number
  /** The edges, filled up with infinity to a length of 2^k - 1: what the search walks over. */
  readonly ladder: Float64Array
}

/**
 * Bins at the quantiles of a reference sample; NaN stands for a missing value and takes no part. Between `count` and
 * twice as many bins result. A value that alone fills a quantile (the zero of a count, a sentinel, a constant) gets a bin
 * of its own, with bins beside it that may be empty in the reference: what appears there later is drift.
 *
 * @throws `invalid_parameter` unless `count` is a whole number from 2 to 1000; `not_finite` for an infinite value.
 */
export function createBins(sample: Float64Array, count = 10): Bins {
  if (!Number.isInteger(count) || count < 2 || count > 1000) {
    throw new TruelineError('invalid_parameter', `A histogram has 2 to 1000 bins, not ${count}.`)
  }
  const sorted = sample.filter((value) => !Number.isNaN(value)).sort()
  if (!Number.isFinite(sorted[0] ?? 0) || !Number.isFinite(sorted.at(-1) ?? 0)) {
    throw new TruelineError('not_finite', 'The reference sample holds an infinite value.')
  }
  return binsAt(quantileEdges(sorted, count), sorted)
}

/** Bins from stored edges, centers and deviation. */
export function restoreBins(edges: Float64Array, centers: Float64Array, deviation: number): Bins {
  const ladder = new Float64Array(2 ** Math.ceil(Math.log2(edges.length + 1)) - 1).fill(Number.POSITIVE_INFINITY)
  ladder.set(edges)
  return { edges, centers, deviation, ladder }
}

/** The bin of a value; NaN belongs to the bin of missing values, which is the last. */
export function binOf(bins: Bins, value: number): number {
  if (Number.isNaN(value)) return bins.edges.length + 1
  const { ladder } = bins
  let bin = 0
  for (let step = (ladder.length + 1) >> 1; step > 0; step >>= 1) {
    // A multiplication, because the branch of a condition would be mispredicted half of the time.
    bin += step * Number(value > ladder[bin + step - 1]!)
  }
  return bin
}

function quantileEdges(sorted: Float64Array, count: number): Float64Array {
  const edges = new Set<number>()
  let previous: number | undefined
  for (let bin = 1; bin < count && sorted.length > 0; bin++) {
    const edge = sorted[Math.ceil((bin * sorted.length) / count) - 1]!
    if (edge === previous) edges.add(valueBelow(sorted, edge))
    edges.add(edge)
    previous = edge
  }
  return Float64Array.from(edges).sort()
}

/** The next smaller value of the sample; below its minimum, the nearest number that is surely smaller. */
function valueBelow(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low > 0 ? sorted[low - 1]! : value - Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE)
}

function binsAt(edges: Float64Array, sorted: Float64Array): Bins {
  const bins = restoreBins(edges, new Float64Array(edges.length + 1), 0)
  const counts = new Float64Array(edges.length + 1)
  const mean = sorted.reduce((sum, value) => sum + value / sorted.length, 0)
  let squares = 0
  for (const value of sorted) {
    const bin = binOf(bins, value)
    counts[bin] = counts[bin]! + 1
    bins.centers[bin] = bins.centers[bin]! + (value - bins.centers[bin]!) / counts[bin]!
    squares += (value - mean) ** 2
  }
  for (let bin = 0; bin < counts.length; bin++) {
    if (counts[bin] !== 0 || edges.length === 0) continue
    const below = edges[Math.max(bin - 1, 0)]!
    const above = edges[Math.min(bin, edges.length - 1)]!
    bins.centers[bin] = (below + above) / 2
  }
  const constant = sorted[0] === sorted.at(-1) // rounding of the mean must not make a constant vary
  return { ...bins, deviation: constant ? 0 : Math.sqrt(squares / sorted.length) }
}
