import type { Loss } from './loss.ts'
import { addColumn, type StandardColumns } from './standard-columns.ts'

/** Rows to fit on, and how they are judged. */
export interface FitProblem {
  readonly table: StandardColumns
  readonly labels: Float64Array
  /** Of the rows: at least 0, together 1. */
  readonly shares: Float64Array
  readonly loss: Loss
  /** What is added to the margin of each row; nothing where absent. */
  readonly offsets?: Float64Array
}

/** Penalties on the absolute value of each standardised weight, and on half its square; the intercept has none. */
export interface Penalty {
  readonly l1: number
  readonly l2: number
}

/** A line through the standardised columns. */
export interface Line {
  readonly intercept: number
  /** One for each column. */
  readonly weights: Float64Array
}

/** The margins of the rows of a table. */
export function marginsOf(table: StandardColumns, { intercept, weights }: Line): Float64Array {
  const margins = new Float64Array(table.rows).fill(intercept)
  for (let place = 0; place < weights.length; place += 1) addColumn(table, place, weights[place]!, margins)
  return margins
}

/** The weighted mean of the loss of rows. */
export function meanLoss({ labels, shares, loss }: Omit<FitProblem, 'table'>, margins: Float64Array): number {
  let sum = 0
  for (let row = 0; row < margins.length; row += 1) sum += shares[row]! * loss.loss(margins[row]!, labels[row]!)
  return sum
}

/** The weighted mean of labels. */
export function meanOf(labels: Float64Array, shares: Float64Array): number {
  let sum = 0
  for (let row = 0; row < labels.length; row += 1) sum += shares[row]! * labels[row]!
  return sum
}

/** What a penalty takes for weights. */
export function penaltyOf(weights: Float64Array, { l1, l2 }: Penalty): number {
  let sum = 0
  for (const weight of weights) sum += l1 * Math.abs(weight) + 0.5 * l2 * weight * weight
  return sum
}
