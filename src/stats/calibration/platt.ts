import { TruelineError } from '../../core/errors.ts'
import { exp, sigmoid } from '../../core/math/exp.ts'
import { log } from '../../core/math/log.ts'
import { checkProbabilities, type Numbers } from '../metrics/numbers.ts'

/** A probability whose log-odds are those of the score, stretched and moved. */
export interface PlattCalibration {
  readonly kind: 'platt'
  readonly slope: number
  readonly intercept: number
}

const MOST_STEPS = 100
const SMALLEST_STEP = 1e-10
const SMALLEST_GRADIENT = 1e-9
/** Keeps the matrix of second derivatives from being singular. */
const RIDGE = 1e-12

/**
 * Fits Platt's scaling: the logistic regression of the outcome on the log-odds of the score, with targets that are kept
 * away from 0 and 1 by the numbers of outcomes (Platt, "Probabilistic Outputs for Support Vector Machines", 1999), by
 * Newton's method with backtracking (Lin, Lin and Weng, "A Note on Platt's Probabilistic Outputs for Support Vector
 * Machines", 2007, algorithm 1).
 * @param labels 0 and 1, both of them
 * @param scores from 0 to 1
 * @throws TruelineError `single_class` when the labels are all the same; what `checkProbabilities` throws
 */
export function fitPlatt(labels: Numbers, scores: Numbers): PlattCalibration {
  checkProbabilities(labels, scores)
  const odds = Float64Array.from(scores, logOdds)
  let positives = 0
  for (const label of labels) positives += label
  const negatives = labels.length - positives
  if (positives === 0 || negatives === 0)
    throw new TruelineError('single_class', 'A calibration needs rows of both outcomes, and these have one.')
  const high = (positives + 1) / (positives + 2)
  const low = 1 / (negatives + 2)
  const targets = Float64Array.from(labels, (label) => (label === 1 ? high : low))
  let slope = 0
  let intercept = log((positives + 1) / (negatives + 1))
  let loss = lossOf(odds, targets, slope, intercept)
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const found = directionOf(odds, targets, slope, intercept)
    if (found === undefined) break
    let size = 1
    for (; size >= SMALLEST_STEP; size /= 2) {
      const nextSlope = slope + size * found.slope
      const nextIntercept = intercept + size * found.intercept
      const nextLoss = lossOf(odds, targets, nextSlope, nextIntercept)
      if (nextLoss < loss + 1e-4 * size * found.fall) {
        slope = nextSlope
        intercept = nextIntercept
        loss = nextLoss
        break
      }
    }
    if (size < SMALLEST_STEP) break
  }
  return { kind: 'platt', slope, intercept }
}

/** The probability of a score, as a calibration says. */
export function applyPlatt({ slope, intercept }: PlattCalibration, score: number): number {
  return sigmoid(slope * logOdds(score) + intercept)
}

/** A score next to certainty counts as one that a double can still tell from it. */
function logOdds(score: number): number {
  const p = Math.min(Math.max(score, 2 ** -60), 1 - 2 ** -53)
  return log(p / (1 - p))
}

/** Newton's direction, and how fast the loss falls along it; undefined at the minimum. */
function directionOf(
  odds: Float64Array,
  targets: Float64Array,
  slope: number,
  intercept: number,
): { readonly slope: number; readonly intercept: number; readonly fall: number } | undefined {
  let slopes = RIDGE
  let intercepts = RIDGE
  let both = 0
  let bySlope = 0
  let byIntercept = 0
  for (let row = 0; row < odds.length; row += 1) {
    const z = odds[row]!
    const p = sigmoid(slope * z + intercept)
    const curvature = p * (1 - p)
    slopes += z * z * curvature
    intercepts += curvature
    both += z * curvature
    const error = p - targets[row]!
    bySlope += z * error
    byIntercept += error
  }
  if (Math.abs(bySlope) < SMALLEST_GRADIENT && Math.abs(byIntercept) < SMALLEST_GRADIENT) return undefined
  const determinant = slopes * intercepts - both * both
  const down = {
    slope: -(intercepts * bySlope - both * byIntercept) / determinant,
    intercept: -(slopes * byIntercept - both * bySlope) / determinant,
  }
  return { ...down, fall: bySlope * down.slope + byIntercept * down.intercept }
}

/** Cross-entropy of the targets, written so that neither end overflows. */
function lossOf(odds: Float64Array, targets: Float64Array, slope: number, intercept: number): number {
  let loss = 0
  for (let row = 0; row < odds.length; row += 1) {
    const z = slope * odds[row]! + intercept
    loss += z >= 0 ? (1 - targets[row]!) * z + log(1 + exp(-z)) : -targets[row]! * z + log(1 + exp(z))
  }
  return loss
}
