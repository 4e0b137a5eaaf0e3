import { chiSquareProbability, chiSquareQuantile } from '../../stats/distributions.ts'
import { populationStability } from '../../stats/drift/population-stability.ts'

/**
 * How much a figure varies between windows of the reference period, where nothing was wrong: its mean, and an upper bound
 * of its standard deviation, wider the fewer windows it was seen in.
 */
export interface Variation {
  readonly mean: number
  readonly deviation: number
  /** How many windows it was seen in. */
  readonly windows: number
}

/** Fewer windows than this say nothing about variation. */
const FEWEST_WINDOWS = 5
/** An alert twice a year must not come from a deviation that a handful of days happened to show too small. */
const CONFIDENCE = 0.95
/** Fewer rows than this make no window: what varies in it is chance alone. */
const FEWEST_ROWS = 100

/**
 * Mean and deviation of a figure over windows; undefined for fewer than five.
 * @param confidence that the true deviation is not larger, for a normal figure
 */
export function variationOf(values: readonly number[], confidence: number): Variation | undefined {
  if (values.length < FEWEST_WINDOWS) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(squares / chiSquareQuantile(1 - confidence, values.length - 1))
  return { mean, deviation, windows: values.length }
}

/** How the windows of a reference period differ from the period as a whole. */
export interface UsualVariation {
  /** Of the population stability index between a window and all the others. */
  readonly psi: Variation
  /** Of the share of missing values. */
  readonly missing: Variation
}

/**
 * The usual variation of a column, from its counts per window over the same bins, the last of which counts missing values.
 * Undefined for fewer than five windows of a hundred rows.
 */
export function usualVariation(windows: readonly Float64Array[]): UsualVariation | undefined {
  const filled = windows.filter((counts) => sum(counts) >= FEWEST_ROWS)
  const first = filled[0]
  if (first === undefined || filled.length < FEWEST_WINDOWS) return undefined
  const total = first.map((_, bin) => filled.reduce((counted, counts) => counted + counts[bin]!, 0))
  const psi = filled.map(
    (counts) =>
      populationStability(
        total.map((count, bin) => count - counts[bin]!),
        counts,
      )!,
  )
  const missing = filled.map((counts) => counts.at(-1)! / sum(counts))
  return { psi: variationOf(psi, CONFIDENCE)!, missing: variationOf(missing, CONFIDENCE)! }
}

/**
 * The probability of a window whose index is at least `psi`, as far as the usual variation goes: the upper tail of the
 * gamma distribution with its mean and deviation. (Without any variation but chance the index is a multiple of a
 * chi-square, which is a gamma distribution; rows of one day that depend on each other change its two moments, after Rao
 * and Scott 1984 and Satterthwaite 1946.) The mean is taken one standard error higher than it was seen: so at most 5% of
 * windows fall below .05, from five windows on, also where the index is the square of one common cause such as weather.
 */
export function usualProbability({ mean, deviation, windows }: Variation, psi: number): number {
  if (deviation === 0) return psi > mean ? 0 : 1
  const cautious = mean + deviation / Math.sqrt(windows)
  const scale = deviation ** 2 / cautious
  return 1 - chiSquareProbability((2 * psi) / scale, (2 * cautious) / scale)
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0)
}
