import { TruelineError } from '../../core/errors.ts'
import { wilsonInterval } from '../intervals/wilson.ts'
import { ascendingOrder } from './ascending-order.ts'
import { checkProbabilities, type Numbers } from './numbers.ts'

/** One point of a reliability curve: rows of similar probability, and how often they were positive. */
export interface ReliabilityBin {
  readonly rows: number
  /** Mean of the probabilities in the bin. */
  readonly predicted: number
  /** Share of positive labels in the bin. */
  readonly observed: number
  /** Wilson interval of the share, 95%. */
  readonly low: number
  readonly high: number
}

/**
 * The reliability curve: rows sorted by probability and cut into at most `bins` groups of equal size, in ascending
 * order. Equal probabilities are never split, so that the curve does not depend on the order of the rows.
 *
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, labels other than 0 and
 * 1, predictions outside 0 to 1, or less than one bin.
 */
export function reliabilityCurve(labels: Numbers, probabilities: Numbers, bins = 10): ReliabilityBin[] {
  checkProbabilities(labels, probabilities)
  if (!Number.isInteger(bins) || bins < 1) throw new TruelineError('invalid_parameter', `${bins} bins make no curve.`)
  const order = ascendingOrder(probabilities)
  const curve: ReliabilityBin[] = []
  let start = 0
  let predicted = 0
  let positives = 0
  for (let position = 0; position < order.length; position++) {
    const row = order[position]!
    predicted += probabilities[row]!
    positives += labels[row]!
    const end = position + 1
    const tied = end < order.length && probabilities[order[end]!] === probabilities[row]
    const full = end * bins >= (curve.length + 1) * order.length
    if (tied || (!full && end < order.length)) continue
    const rows = end - start
    const { low, high } = wilsonInterval(positives, rows)!
    curve.push({ rows, predicted: predicted / rows, observed: positives / rows, low, high })
    start = end
    predicted = 0
    positives = 0
  }
  return curve
}

/**
 * Expected calibration error: the distance of predicted from observed, averaged over the rows of a reliability curve
 * (Naeini, Cooper and Hauskrecht 2015, with bins of equal size). 0 is perfect; chance alone keeps it somewhat above 0.
 * Undefined for a curve without bins.
 */
export function expectedCalibrationError(curve: readonly ReliabilityBin[]): number | undefined {
  let distance = 0
  let rows = 0
  for (const bin of curve) {
    distance += bin.rows * Math.abs(bin.predicted - bin.observed)
    rows += bin.rows
  }
  return rows === 0 ? undefined : distance / rows
}
