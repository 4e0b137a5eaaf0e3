import { ascendingOrder } from '../metrics/ascending-order.ts'
import { checkBinary, type Numbers } from '../metrics/numbers.ts'
import { type Estimate, normalEstimate } from './estimate.ts'

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

/**
 * The difference of two AUCs, `candidate - champion`, on the same rows, with DeLong's standard error for correlated
 * curves. Undefined with fewer than two rows of a class. Two scores that rank all rows alike differ by 0 with an error
 * of 0.
 *
 * @throws as {@link delong} does.
 */
export function delongDifference(
  labels: Numbers,
  candidate: Numbers,
  champion: Numbers,
  confidence = 0.95,
): Estimate | undefined {
  checkBinary(labels, candidate)
  checkBinary(labels, champion)
  const placement = placements(labels, candidate)
  const ofChampion = placements(labels, champion)
  for (let row = 0; row < placement.length; row++) placement[row] = placement[row]! - ofChampion[row]!
  const result = meanAndError(labels, placement)
  return result === undefined ? undefined : normalEstimate(result.mean, result.standardError, confidence)
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
