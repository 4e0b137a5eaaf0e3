import { TruelineError } from '../../core/errors.ts'
import { chanceOfAtLeast } from './binomial-tail.ts'
import { FEWEST_CLUSTERS, sumOfSquares, sumsOfClusters } from './cluster-sums.ts'
import { deviateOfStudent, scoredDifference, type TestedDifference, tail } from './tested-difference.ts'

/** With fewer disagreements than this the exact test is used: the approximation is poor there. */
const FEW_DISAGREEMENTS = 25

/** How the decisions of two models on the same rows went. */
export interface PairedDecisions {
  readonly rows: number
  /** Rows that only the candidate, and only the champion, decides rightly. */
  readonly onlyCandidate: number
  readonly onlyChampion: number
  /** McNemar's test that both are right equally often, two-sided. */
  readonly mcnemar: { readonly pValue: number; readonly method: 'exact' | 'corrected' }
  /** Share of right decisions, candidate - champion, by the weights of rows where they have any; undefined with fewer than ten clusters. */
  readonly difference: TestedDifference | undefined
}

/**
 * Compares the decisions of two models on the same rows.
 *
 * @param candidate whether each of its decisions is right: 1 or 0; `champion` likewise
 * @param clusters which cluster each row belongs to, numbered from 0; without them each row stands for itself
 * @param weights how much each row counts for the share, at least 0; once without them. Counts and McNemar's test are of rows
 * @throws `invalid_parameter` for columns of different lengths
 */
export function pairedDecisions(
  candidate: Uint8Array,
  champion: Uint8Array,
  { clusters, weights }: { readonly clusters?: Uint32Array; readonly weights?: Float64Array } = {},
): PairedDecisions {
  if (candidate.length !== champion.length)
    throw new TruelineError('invalid_parameter', `${candidate.length} decisions do not fit ${champion.length}.`)
  const rows = candidate.length
  const gains = Float64Array.from(candidate, (right, row) => right - champion[row]!)
  const onlyCandidate = gains.reduce((count, gain) => count + (gain > 0 ? 1 : 0), 0)
  const onlyChampion = gains.reduce((count, gain) => count + (gain < 0 ? 1 : 0), 0)
  return {
    ...{ rows, onlyCandidate, onlyChampion, mcnemar: mcnemar(onlyCandidate, onlyChampion) },
    difference: differenceOf(gains, onlyCandidate, onlyChampion, clusters, weights),
  }
}

/**
 * McNemar's test (1947) of the rows on which two models disagree: exact by the binomial distribution where they are
 * fewer than 25, else chi-square with the correction of Edwards (1948).
 *
 * @example `mcnemar(6, 16) // { pValue: 0.0525, method: 'exact' }`
 */
export function mcnemar(one: number, other: number): PairedDecisions['mcnemar'] {
  const disagreements = one + other
  if (disagreements < FEW_DISAGREEMENTS)
    return { pValue: Math.min(1, 2 * chanceOfAtLeast(Math.max(one, other), disagreements, 0.5)), method: 'exact' }
  const deviate = Math.max(0, Math.abs(one - other) - 1) / Math.sqrt(disagreements)
  return { pValue: Math.min(1, 2 * tail(deviate)), method: 'corrected' }
}

/**
 * The score test for a difference of paired shares (Tango 1998), which against a bound of 0 is McNemar's, with counts
 * divided by the design effect of the clusters and weights (Rao and Scott 1992): rows that depend on each other count for fewer, and so
 * do rows that count differently.
 * Against 0 and with few disagreements it is exact, and no surer than the score test where they depend on each other.
 */
function differenceOf(
  gains: Float64Array,
  onlyCandidate: number,
  onlyChampion: number,
  clusters: Uint32Array | undefined,
  weights: Float64Array | undefined,
): TestedDifference | undefined {
  const rows = gains.length
  const total = weights === undefined ? rows : weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return undefined
  const weightOf = (sign: 1 | -1): number =>
    weights!.reduce((sum, weight, row) => sum + (gains[row] === sign ? weight : 0), 0)
  const right = weights === undefined ? onlyCandidate : weightOf(1)
  const wrong = weights === undefined ? onlyChampion : weightOf(-1)
  const value = (right - wrong) / total
  const naive = ((right + wrong) / total - value ** 2) / rows
  const terms = gains.map((gain, row) => ((gain - value) * (weights?.[row] ?? 1)) / total)
  const unclustered = weights === undefined ? undefined : terms
  const sums = clusters === undefined ? unclustered : sumsOfClusters(terms, clusters)
  if (sums !== undefined && sums.length < FEWEST_CLUSTERS) return undefined
  const alike = weights === undefined ? 1 : (rows * sumOfSquares(weights)) / total ** 2
  const effect =
    sums === undefined || naive === 0
      ? alike
      : Math.max(1, (sumOfSquares(sums) * sums.length) / (sums.length - 1) / naive)
  const degreesOfFreedom = Math.max(1, (sums?.length ?? rows) - 1)
  const perRow = rows / total
  const [gained, lost, counted] = [(right * perRow) / effect, (wrong * perRow) / effect, rows / effect]
  const above = (bound: number): number =>
    deviateOfStudent(scoreAgainst(gained, lost, counted, bound), degreesOfFreedom)
  const tested = scoredDifference(value, Math.sqrt(naive * effect), above)
  const disagreements = onlyCandidate + onlyChampion
  if (disagreements >= FEW_DISAGREEMENTS) return tested
  const exact = (count: number, scored: number): number => {
    const chance = chanceOfAtLeast(count, disagreements, 0.5)
    return effect > 1 ? Math.max(chance, scored) : chance
  }
  return {
    ...tested,
    pAbove: (bound) => (bound === 0 ? exact(onlyCandidate, tested.pAbove(0)) : tested.pAbove(bound)),
    pBelow: (bound) => (bound === 0 ? exact(onlyChampion, tested.pBelow(0)) : tested.pBelow(bound)),
  }
}

/** How many standard errors a difference lies above a bound, with the error that it would have if that were true. */
function scoreAgainst(gained: number, lost: number, rows: number, bound: number): number {
  const distance = gained - lost - rows * bound
  if (distance === 0) return 0
  const linear = -gained - lost + (2 * rows - gained + lost) * bound
  const constant = -lost * bound * (1 - bound)
  const root = Math.sqrt(Math.max(0, linear ** 2 - 8 * rows * constant))
  const shareLost = Math.max(0, (root - linear) / (4 * rows))
  const variance = rows * (2 * shareLost + bound * (1 - bound))
  return variance > 0 ? distance / Math.sqrt(variance) : Math.sign(distance) * Number.POSITIVE_INFINITY
}
