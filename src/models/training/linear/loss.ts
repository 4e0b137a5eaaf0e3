import { exp, sigmoid } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'

/** The loss of a row by its margin and its label, convex in the margin. */
export interface Loss {
  /** What a margin predicts. */
  predict(margin: number): number
  loss(margin: number, label: number): number
  /** The second derivative by the margin, given what the margin predicts; the first one is prediction - label. */
  curvature(prediction: number): number
  /** The margin that all rows have without any weights, given the mean of the labels. */
  start(mean: number): number
}

/** Half the squared error. */
export const squaredError: Loss = {
  predict: (margin) => margin,
  loss: (margin, label) => 0.5 * (margin - label) * (margin - label),
  curvature: () => 1,
  start: (mean) => mean,
}

/** Log loss of a label of 0 or 1. */
export const logLoss: Loss = {
  predict: sigmoid,
  // ln(1 + e^m) - y m, without an overflow for a large margin.
  loss: (margin, label) => Math.max(margin, 0) + logOnePlus(exp(-Math.abs(margin))) - label * margin,
  curvature: (prediction) => prediction * (1 - prediction),
  start: (mean) => log(mean / (1 - mean)),
}

/** ln(1 + x) of x from 0 to 1: what rounding took from 1 + x is put right (Higham, section 1.14.1). */
function logOnePlus(x: number): number {
  const sum = 1 + x
  return sum === 1 ? x : (log(sum) * x) / (sum - 1)
}
