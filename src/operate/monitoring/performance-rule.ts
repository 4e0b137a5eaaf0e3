import type { Estimate } from '../../stats/intervals/estimate.ts'
import type { WindowVerdict } from './persistence.ts'
import type { ExpectedMetric } from './reference.ts'

/** The mean of a metric over cohorts, against the promise of the evaluation. */
export interface PooledPerformance {
  readonly cohorts: number
  /** How many of them fall short by more than the drop that counts. */
  readonly short: number
  /** Mean over the cohorts with its 95% interval. */
  readonly value: number
  readonly low: number
  readonly high: number
  /** By how much the mean falls short: absolute for AUC, relative for RMSE. */
  readonly shortfall: number
  /** The far end of the interval falls short by more than the drop that counts, too. */
  readonly certain: boolean
}

export interface PerformanceJudgement {
  readonly verdict: WindowVerdict
  /** What the verdict rests on. */
  readonly pooled: PooledPerformance
}

/** A sudden fall shows in two of three cohorts, a slow one in ten of fourteen. */
const horizons = [
  { cohorts: 3, short: 2 },
  { cohorts: 14, short: 10 },
] as const
/** Good again when the shortfall is below this part of the drop that counts: what opens must not close at once. */
const GOOD_AGAIN = 0.8
const QUANTILE = 1.96

/** As many of the last cohorts are needed for a judgement. */
export const MOST_COHORTS = 14

/**
 * Judges the last mature cohorts of a version. `bad` takes evidence, effect and persistence, over three cohorts or over
 * fourteen: most of them fall short of the expected metric by more than `drop`, and so does the far end of the interval of
 * their mean. That interval knows three errors: of the cohorts, of the evaluation, and how much days differ when nothing is
 * wrong. `good` when the last three are near the promise and fewer than half of the fourteen fall short.
 * @param recent metrics of the cohorts, oldest first
 * @param drop absolute for AUC; for RMSE relative to the expected one
 */
export function judgePerformance(
  expected: ExpectedMetric,
  recent: readonly Estimate[],
  drop: number,
): PerformanceJudgement | undefined {
  if (recent.length === 0) return undefined
  const [sudden, slow] = horizons.map(({ cohorts }) => pool(expected, recent.slice(-cohorts), drop)) as [
    PooledPerformance,
    PooledPerformance,
  ]
  if (sudden.short >= horizons[0].short && sudden.certain) return { verdict: 'bad', pooled: sudden }
  if (slow.short >= horizons[1].short && slow.certain) return { verdict: 'bad', pooled: slow }
  const good = sudden.shortfall < GOOD_AGAIN * drop && slow.short < slow.cohorts / 2
  return { verdict: good ? 'good' : 'unknown', pooled: sudden }
}

function pool(expected: ExpectedMetric, cohorts: readonly Estimate[], drop: number): PooledPerformance {
  const higherIsBetter = expected.metric === 'auc'
  const shortfallOf = (value: number): number =>
    higherIsBetter ? expected.value - value : (value - expected.value) / expected.value
  const n = cohorts.length
  const value = cohorts.reduce((sum, cohort) => sum + cohort.value, 0) / n
  const ofCohorts = cohorts.reduce((sum, cohort) => sum + cohort.standardError ** 2, 0) / n ** 2
  const ofEvaluation = ((expected.high - expected.low) / (2 * QUANTILE)) ** 2
  const ofDays = (expected.betweenWindows ?? 0) ** 2 / n
  const halfWidth = QUANTILE * Math.sqrt(ofCohorts + ofEvaluation + ofDays)
  const [low, high] = [value - halfWidth, value + halfWidth]
  return {
    cohorts: n,
    short: cohorts.filter((cohort) => shortfallOf(cohort.value) > drop).length,
    value,
    low,
    high,
    shortfall: shortfallOf(value),
    certain: shortfallOf(higherIsBetter ? high : low) > drop,
  }
}
