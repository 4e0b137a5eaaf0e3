import { TruelineError } from '../../core/errors.ts'
import { normalProbability, normalQuantile } from '../distributions.ts'
import type { ResampledMetric } from '../metrics/resampled-metric.ts'
import { differenceOf, drawer, quantileOf, standardDeviation } from './bootstrap.ts'
import { FEWEST_CLUSTERS } from './cluster-sums.ts'
import { deviateOfStudent, studentQuantile, type TestedDifference, tail } from './tested-difference.ts'

/** How a paired bootstrap is drawn. */
export interface PairedBootstrapOptions {
  /** The same seed gives the same test. */
  readonly seed: number
  /** At least 1000; default 2000. */
  readonly resamples?: number
  /** Which cluster each row belongs to, numbered from 0: rows of a cluster are drawn together. */
  readonly clusters?: Uint32Array
}

/** Most groups of clusters that are left out one by one for the acceleration. */
const MOST_GROUPS = 200

/**
 * The difference `candidate - champion` of a metric on the same rows, by the bootstrap with its bias corrected and
 * accelerated (Efron 1987, BCa): both are evaluated on the same resamples, so that what makes rows easy or hard cancels
 * out. Its tails are widened as Student's distribution says for so many clusters (Hesterberg 2015), since resamples of
 * few clusters spread less than samples do.
 *
 * Undefined where the metric is not defined on the sample, or on more than a tenth of the resamples; and with fewer than
 * ten clusters.
 *
 * @throws `invalid_parameter` for too few resamples, or clusters that do not fit the rows.
 */
export function pairedBootstrap(
  candidate: ResampledMetric,
  champion: ResampledMetric,
  rows: number,
  { seed, resamples = 2000, clusters }: PairedBootstrapOptions,
): TestedDifference | undefined {
  if (!Number.isInteger(resamples) || resamples < 1000)
    throw new TruelineError('invalid_parameter', `${resamples} resamples are too few: a test needs 1000.`)
  const draw = drawer(rows, { seed, ...(clusters === undefined ? {} : { clusters }) })
  const differ = (weights?: Uint8Array) => differenceOf(candidate(weights), champion(weights))
  const value = differ()
  const independent = clusters === undefined ? rows : new Set(clusters).size
  if (value === undefined || independent < FEWEST_CLUSTERS) return undefined
  const drawn: number[] = []
  for (let resample = 0; resample < resamples; resample++) {
    const found = differ(draw())
    if (found !== undefined) drawn.push(found)
  }
  if (drawn.length < 0.9 * resamples) return undefined
  const acceleration = accelerationOf(differ, rows, clusters)
  return acceleration === undefined
    ? undefined
    : testedBy(value, Float64Array.from(drawn).sort(), acceleration, independent)
}

function testedBy(value: number, sorted: Float64Array, acceleration: number, independent: number): TestedDifference {
  const bias = deviateOfShare(shareBelow(sorted, value), sorted.length)
  const degreesOfFreedom = independent - 1
  const widening = Math.sqrt(degreesOfFreedom / independent)
  /** How far the value lies above a bound, as a normal deviate. */
  const above = (bound: number): number => {
    const distance = deviateOfShare(shareBelow(sorted, bound), sorted.length) - bias
    const scale = 1 + acceleration * distance
    // The correction holds near the middle; beyond its pole it would turn around.
    if (scale <= 0) return -Math.sign(distance) * Number.POSITIVE_INFINITY
    return deviateOfStudent(-(distance / scale - bias) * widening, degreesOfFreedom)
  }
  const quantileAt = (probability: number): number => {
    const deviate = studentQuantile(probability, degreesOfFreedom) / widening
    const scale = 1 - acceleration * (bias + deviate)
    if (scale <= 0) return deviate < 0 ? sorted[0]! : sorted.at(-1)!
    return quantileOf(sorted, normalProbability(bias + (bias + deviate) / scale))
  }
  return {
    ...{ value, standardError: standardDeviation(sorted) },
    lower: quantileAt,
    upper: (alpha) => quantileAt(1 - alpha),
    pAbove: (bound) => tail(above(bound)),
    pBelow: (bound) => tail(-above(bound)),
  }
}

/** Values at the bound itself count half. */
function shareBelow(sorted: Float64Array, bound: number): number {
  let below = 0
  let at = 0
  for (const value of sorted) {
    if (value < bound) below++
    else if (value === bound) at++
    else break
  }
  return (below + at / 2) / sorted.length
}

/** A share of 0 or 1 is only less or more than resamples can tell: half of one stands for it. */
function deviateOfShare(share: number, resamples: number): number {
  const least = 1 / (2 * resamples)
  return normalQuantile(Math.min(1 - least, Math.max(least, share)))
}

/**
 * The skewness of what each cluster adds to the difference, a sixth of it: by leaving out clusters in turn, several at a
 * time where they are many. Undefined where the metric is not defined without some.
 */
function accelerationOf(
  differ: (weights: Uint8Array) => number | undefined,
  rows: number,
  clusters: Uint32Array | undefined,
): number | undefined {
  const weights = new Uint8Array(rows)
  const groupOf = (row: number): number => (clusters === undefined ? row : clusters[row]!) % MOST_GROUPS
  const left: number[] = []
  const filled = new Set<number>()
  for (let row = 0; row < rows && filled.size < MOST_GROUPS; row++) filled.add(groupOf(row))
  for (const group of filled) {
    for (let row = 0; row < rows; row++) weights[row] = groupOf(row) === group ? 0 : 1
    const found = differ(weights)
    if (found === undefined) return undefined
    left.push(found)
  }
  const mean = left.reduce((sum, value) => sum + value, 0) / left.length
  const squares = left.reduce((sum, value) => sum + (mean - value) ** 2, 0)
  const cubes = left.reduce((sum, value) => sum + (mean - value) ** 3, 0)
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5)
}
