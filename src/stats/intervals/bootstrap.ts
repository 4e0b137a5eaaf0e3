import { TruelineError } from '../../core/errors.ts'
import { type Random, seededRandom } from '../../core/random.ts'
import type { ResampledMetric } from '../metrics/resampled-metric.ts'
import { checkConfidence, type Estimate } from './estimate.ts'

/** How a bootstrap is drawn. */
export interface BootstrapOptions {
  /** The same seed gives the same interval. */
  readonly seed: number
  /** At least 40; default 200. */
  readonly resamples?: number
  /** Default .95. */
  readonly confidence?: number
  /**
   * Which cluster each row belongs to, numbered from 0: rows of a cluster are drawn together, because rows that depend
   * on each other (the same day, the same customer) hold less evidence than independent ones.
   */
  readonly clusters?: Uint32Array
}

/** A metric and the number of rows that it was prepared on. */
export interface Sample {
  readonly metric: ResampledMetric
  readonly rows: number
}

/**
 * A metric with its percentile interval. Undefined where the metric is not defined on the sample, or on more than a
 * tenth of the resamples.
 *
 * The Poisson bootstrap (Chamandy et al. 2012) counts each row as often as a Poisson variable of mean 1 says.
 *
 * @throws `invalid_parameter` for too few resamples, or a confidence outside 0 to 1.
 */
export function bootstrap(sample: Sample, options: BootstrapOptions): Estimate | undefined {
  const value = sample.metric()
  const draw = drawer(sample.rows, options)
  return summarize(value, options, () => sample.metric(draw()))
}

/**
 * The difference `candidate - champion` of a metric on two independent samples, with its percentile interval.
 *
 * @throws `invalid_parameter` as {@link bootstrap} does.
 */
export function unpairedBootstrap(
  candidate: Sample,
  champion: Sample,
  options: Omit<BootstrapOptions, 'clusters'>,
): Estimate | undefined {
  const random = seededRandom(options.seed)
  const ofCandidate = new Uint8Array(candidate.rows)
  const ofChampion = new Uint8Array(champion.rows)
  return summarize(differenceOf(candidate.metric(), champion.metric()), options, () => {
    drawPoisson(random, ofCandidate)
    drawPoisson(random, ofChampion)
    return differenceOf(candidate.metric(ofCandidate), champion.metric(ofChampion))
  })
}

/** Of two values of a metric; undefined where one of them is. */
export function differenceOf(candidate: number | undefined, champion: number | undefined): number | undefined {
  return candidate === undefined || champion === undefined ? undefined : candidate - champion
}

/** A function that fills the same array of weights anew at each call, one resample after the other. */
export function drawer(
  rows: number,
  { seed, clusters }: Pick<BootstrapOptions, 'seed' | 'clusters'>,
): () => Uint8Array {
  const random = seededRandom(seed)
  const weights = new Uint8Array(rows)
  if (clusters === undefined) {
    return () => {
      drawPoisson(random, weights)
      return weights
    }
  }
  if (clusters.length !== rows) {
    throw new TruelineError('invalid_parameter', `${clusters.length} cluster numbers do not fit ${rows} rows.`)
  }
  const ofCluster = new Uint8Array(clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0))
  return () => {
    drawPoisson(random, ofCluster)
    for (let row = 0; row < rows; row++) weights[row] = ofCluster[clusters[row]!]!
    return weights
  }
}

/** Upper ends of the Poisson distribution of mean 1; what lies above the last is 8 (1 in 100,000 rows is 8 or more). */
const cumulative = poissonOfMeanOne(8)

function poissonOfMeanOne(most: number): Float64Array {
  const ends = new Float64Array(most)
  let mass = Math.exp(-1)
  let below = 0
  for (let count = 0; count < most; count++) {
    below += mass
    ends[count] = below
    mass /= count + 1
  }
  return ends
}

function drawPoisson(random: Random, weights: Uint8Array): void {
  for (let row = 0; row < weights.length; row++) {
    const uniform = random.next()
    let count = 0
    while (count < cumulative.length && uniform >= cumulative[count]!) count++
    weights[row] = count
  }
}

function summarize(
  value: number | undefined,
  { resamples = 200, confidence = 0.95 }: Pick<BootstrapOptions, 'resamples' | 'confidence'>,
  next: () => number | undefined,
): Estimate | undefined {
  checkConfidence(confidence)
  if (!Number.isInteger(resamples) || resamples < 40) {
    throw new TruelineError('invalid_parameter', `${resamples} resamples are too few: an interval needs 40.`)
  }
  if (value === undefined) return undefined
  const values = new Float64Array(resamples)
  let defined = 0
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = next()
    if (drawn === undefined) continue
    values[defined] = drawn
    defined++
  }
  if (defined < 0.9 * resamples) return undefined
  const sorted = values.subarray(0, defined).sort()
  const tail = (1 - confidence) / 2
  return {
    value,
    standardError: standardDeviation(sorted),
    low: quantileOf(sorted, tail),
    high: quantileOf(sorted, 1 - tail),
    confidence,
  }
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
export function quantileOf(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1)
  const below = Math.floor(position)
  const lower = sorted[below]!
  const upper = sorted[Math.min(below + 1, sorted.length - 1)]!
  return lower + (position - below) * (upper - lower)
}

/** Of a sample: with one row less than there are. */
export function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}
