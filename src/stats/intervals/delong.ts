import { ascendingOrder } from '../metrics/ascending-order.ts'
import { checkBinary, type Numbers } from '../metrics/numbers.ts'
import { FEWEST_CLUSTERS, sumOfSquares } from './cluster-sums.ts'
import { type Estimate, normalEstimate } from './estimate.ts'
import { deviateOfStudent, scoredDifference, studentDifference, type TestedDifference } from './tested-difference.ts'

/**
 * The AUC with the standard error of DeLong, DeLong and Clarke-Pearson (1988), by midranks in O(n log n) as Sun and Xu
 * (2014) show; its interval is cut at 0 and 1. Undefined with fewer than two rows of a class, and where the scores part
 * the classes perfectly: the method knows no error there.
 *
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, or labels other than 0 and 1.
 */
export function delong(labels: Numbers, scores: Numbers, confidence = 0.95): Estimate | undefined {
  checkBinary(labels, scores)
  const placement = placements(labels, scores)
  const result = meanAndError(labels, placement)
  if (result === undefined || result.standardError === 0) return undefined
  const estimate = normalEstimate(result.mean, result.standardError, confidence)
  return { ...estimate, low: Math.max(0, estimate.low), high: Math.min(1, estimate.high) }
}

/** Fewest rows of either class for a difference of two AUCs: with fewer its error is not told well enough to be tested. */
const FEWEST_OF_A_CLASS = 10

/**
 * The difference of two AUCs, `candidate - champion`, on the same rows, with DeLong's covariance of correlated curves.
 * Against a bound it is a score test: the candidate's error is taken as it would be there, an AUC's being about the same
 * on the scale of the log-odds (Pepe 2003); with the error as it is, lucky samples look more certain than they are, and
 * near an AUC of 1 up to a tenth of them passed at 5%. Two scores that rank all rows alike differ by 0 with an error of
 * 0. Undefined with fewer than ten rows of a class, or fewer than ten clusters.
 *
 * Rows of a cluster depend on each other: the error is then that of the jackknife, by what the AUCs are without each cluster in turn
 * (Efron and Stein, "The jackknife estimate of variance", 1981, which show that it is rather too large than too small). Sums of the terms
 * within clusters (Obuchowski 1997) come out too small where rows, and positive ones above all, are many in some clusters and few in others.
 *
 * @param clusters which cluster each row belongs to, numbered from 0; without them each row stands for itself
 * @throws as {@link delong} does.
 */
export function delongDifference(
  labels: Numbers,
  candidate: Numbers,
  champion: Numbers,
  clusters?: Uint32Array,
): TestedDifference | undefined {
  checkBinary(labels, candidate)
  checkBinary(labels, champion)
  const first = curveOf(labels, candidate)
  const second = curveOf(labels, champion)
  const rarer = Math.min(first.positives, first.negatives)
  if (rarer < FEWEST_OF_A_CLASS) return undefined
  const [terms, others] =
    clusters === undefined
      ? [first.terms, second.terms]
      : [withoutEach(labels, candidate, first, clusters), withoutEach(labels, champion, second, clusters)]
  if (terms === undefined || others === undefined || terms.length < FEWEST_CLUSTERS) return undefined
  const degreesOfFreedom = Math.min(rarer, terms.length) - 1
  const varianceOf = (ofFirst: number, ofSecond: number): number =>
    sumOfSquares(terms.map((term, place) => term * ofFirst - others[place]! * ofSecond))
  const value = first.auc - second.auc
  const standardError = Math.sqrt(varianceOf(1, 1))
  if (standardError === 0 || first.auc === 0 || first.auc === 1)
    return studentDifference(value, standardError, degreesOfFreedom)
  const [ofCandidate, ofChampion] = [varianceOf(1, 0), varianceOf(0, 1)]
  const covariance = (ofCandidate + ofChampion - standardError ** 2) / 2
  return scoredDifference(value, standardError, (bound) => {
    const target = second.auc + bound
    if (target <= 0 || target >= 1) return target <= 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    const growth = (target * (1 - target)) / (first.auc * (1 - first.auc))
    const variance = ofCandidate * growth ** 2 - 2 * covariance * growth + ofChampion
    return deviateOfStudent((value - bound) / Math.sqrt(Math.max(variance, Number.MIN_VALUE)), degreesOfFreedom)
  })
}

/**
 * What each cluster adds to the error of an AUC: how far it is from the mean without the cluster, so that the sum of squares is the
 * jackknife's variance. Undefined where a cluster holds all rows of a class.
 */
function withoutEach(labels: Numbers, scores: Numbers, curve: Curve, clusters: Uint32Array): Float64Array | undefined {
  const { auc, positives, negatives, placement } = curve
  const terms: number[] = []
  for (const rows of rowsOfClusters(clusters)) {
    const own = rows.filter((row) => labels[row] === 1)
    const others = rows.filter((row) => labels[row] !== 1)
    const [left, leftNegatives] = [positives - own.length, negatives - others.length]
    if (left === 0 || leftNegatives === 0) return undefined
    // Pairs that are won with a row of the cluster; those of two such rows are in both sums.
    const won =
      negatives * sumOf(placement, own) + positives * sumOf(placement, others) - winsWithin(scores, own, others)
    terms.push((auc * positives * negatives - won) / (left * leftNegatives))
  }
  const mean = terms.reduce((sum, term) => sum + term, 0) / terms.length
  const unit = Math.sqrt((terms.length - 1) / terms.length)
  return Float64Array.from(terms, (term) => (term - mean) * unit)
}

function rowsOfClusters(clusters: Uint32Array): readonly number[][] {
  const rows = new Map<number, number[]>()
  for (const [row, cluster] of clusters.entries()) {
    const known = rows.get(cluster)
    if (known === undefined) rows.set(cluster, [row])
    else known.push(row)
  }
  return [...rows.values()]
}

function sumOf(values: Float64Array, rows: readonly number[]): number {
  return rows.reduce((sum, row) => sum + values[row]!, 0)
}

/** Pairs of a positive and a negative row that the scores rank rightly; ties count half. */
function winsWithin(scores: Numbers, positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0) return 0
  const sorted = Float64Array.from(negatives, (row) => scores[row]!).sort()
  const countWhere = (isBelow: (score: number) => boolean): number => {
    let [low, high] = [0, sorted.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBelow(sorted[middle]!)) low = middle + 1
      else high = middle
    }
    return low
  }
  return positives.reduce((wins, row) => {
    const own = scores[row]!
    return wins + (countWhere((score) => score < own) + countWhere((score) => score <= own)) / 2
  }, 0)
}

interface Curve {
  readonly auc: number
  readonly positives: number
  readonly negatives: number
  /** What each row adds to the error of the AUC: the sum of their squares is its variance. */
  readonly terms: Float64Array
  /** See `placements`. */
  readonly placement: Float64Array
}

function curveOf(labels: Numbers, scores: Numbers): Curve {
  const placement = placements(labels, scores)
  const ofPositives = moments(labels, placement, 1)
  const ofNegatives = moments(labels, placement, 0)
  const [positives, negatives] = [ofPositives.rows, ofNegatives.rows]
  // Divided as a variance is, by one row less than there are.
  const [unit, unitOfNegatives] = [
    1 / Math.sqrt(positives * (positives - 1)),
    1 / Math.sqrt(negatives * (negatives - 1)),
  ]
  const terms = placement.map((value, row) =>
    labels[row] === 1 ? (value - ofPositives.mean) * unit : (value - ofNegatives.mean) * unitOfNegatives,
  )
  return { auc: ofPositives.mean, positives, negatives, terms, placement }
}

/**
 * For each positive row the share of negative rows that it outranks, for each negative row the share of positive rows
 * that outrank it; ties count half. The mean over either class is the AUC.
 */
function placements(labels: Numbers, scores: Numbers): Float64Array {
  const order = ascendingOrder(scores)
  let positives = 0
  for (let row = 0; row < labels.length; row++) positives += labels[row]!
  const negatives = labels.length - positives
  const placement = new Float64Array(labels.length)
  let positivesBelow = 0
  let negativesBelow = 0
  let start = 0
  while (start < order.length) {
    let end = start
    let tiedPositives = 0
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) {
      tiedPositives += labels[order[end]!]!
      end++
    }
    const tiedNegatives = end - start - tiedPositives
    const ofPositive = (negativesBelow + tiedNegatives / 2) / negatives
    const ofNegative = (positives - positivesBelow - tiedPositives / 2) / positives
    for (let position = start; position < end; position++) {
      const row = order[position]!
      placement[row] = labels[row] === 1 ? ofPositive : ofNegative
    }
    positivesBelow += tiedPositives
    negativesBelow += tiedNegatives
    start = end
  }
  return placement
}

function meanAndError(labels: Numbers, placement: Float64Array): { mean: number; standardError: number } | undefined {
  const ofPositives = moments(labels, placement, 1)
  const ofNegatives = moments(labels, placement, 0)
  if (ofPositives.rows < 2 || ofNegatives.rows < 2) return undefined
  const variance = ofPositives.variance / ofPositives.rows + ofNegatives.variance / ofNegatives.rows
  return { mean: ofPositives.mean, standardError: Math.sqrt(variance) }
}

function moments(
  labels: Numbers,
  values: Float64Array,
  label: number,
): { rows: number; mean: number; variance: number } {
  let rows = 0
  let sum = 0
  for (let row = 0; row < values.length; row++) {
    if (labels[row] !== label) continue
    rows++
    sum += values[row]!
  }
  const mean = sum / rows
  let squares = 0
  for (let row = 0; row < values.length; row++) if (labels[row] === label) squares += (values[row]! - mean) ** 2
  return { rows, mean, variance: squares / (rows - 1) }
}
