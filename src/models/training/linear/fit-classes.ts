import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import { type Line, marginsOf, type Penalty, penaltyOf } from './elastic-net.ts'
import { fitElasticNet } from './fit-elastic-net.ts'
import { logLoss } from './loss.ts'
import { addColumn, type StandardColumns } from './standard-columns.ts'

/** Rows of several classes to fit on. */
export interface ClassesProblem {
  readonly table: StandardColumns
  /** Numbers of classes, from 0 on; each has a row. */
  readonly labels: Float64Array
  /** Of the rows: at least 0, together 1. */
  readonly shares: Float64Array
  readonly classes: number
}

export interface ClassesFit {
  /** One for each class. */
  readonly lines: readonly Line[]
  readonly converged: boolean
  /** How often all classes had their turn. */
  readonly steps: number
}

/**
 * The lines, one for each class, whose softmax minimises the mean log loss and the penalty together, from lines near to them: the classes
 * take turns, each with a Newton step of its own, the others as they are (Friedman, Hastie and Tibshirani, "Regularization Paths
 * for Generalized Linear Models via Coordinate Descent", 2010, section 4.1). With the other lines fixed, the loss of a
 * class is that of two outcomes whose margin has an offset: minus the logarithm of what the others add up to.
 *
 * A column's weights that all classes shift by the same change no probability, so that the penalty alone says by how much: after
 * each turn they are shifted to where it takes least (section 4.1 there), which steps of single classes would come to
 * ever so slowly.
 * @param tolerance see `fitElasticNet`: for each class, with the deviation of whether a row is of it. Where columns are sums of each
 *   other the minimum is flat, and turns that hardly lower it end it, too
 * @param most turns of all classes
 */
export function fitClasses(
  problem: ClassesProblem,
  penalty: Penalty,
  start: readonly Line[],
  tolerance: number,
  most: number,
): ClassesFit {
  const { table, labels, shares, classes } = problem
  const lines = [...start]
  const margins = lines.map((line) => marginsOf(table, line))
  let objective = Number.POSITIVE_INFINITY
  const isOf = Array.from({ length: classes }, (_, place) => labels.map((label) => Number(label === place)))
  for (let steps = 0; ; steps += 1) {
    const sums = logSums(margins)
    let moved = false
    for (let place = 0; place < classes; place += 1) {
      const offsets = restOf(sums, margins, place)
      const own = { table, labels: isOf[place]!, shares, loss: logLoss, offsets }
      const { intercept, weights, steps: made } = fitElasticNet(own, penalty, lines[place]!, tolerance, 1)
      if (made === 0) continue
      moved = true
      lines[place] = { intercept, weights }
      margins[place] = marginsOf(table, lines[place]!)
      for (let row = 0; row < sums.length; row += 1) sums[row] = logOfTwo(margins[place]![row]!, -offsets[row]!)
    }
    if (!moved) return { lines, converged: true, steps }
    if (steps === most) return { lines, converged: false, steps }
    shiftAll(table, lines, margins, penalty)
    const reached = lines.reduce((sum, { weights }) => sum + penaltyOf(weights, penalty), meanLossAt(problem, margins))
    if (objective - reached <= tolerance * RESTING * reached) return { lines, converged: true, steps }
    objective = reached
  }
}

/** A turn that lowers the objective by less than this share of it, times the tolerance, has come to rest. */
const RESTING = 1e-3

/** Shifts the weights of each column to where the penalty takes least, and the margins with them. */
function shiftAll(table: StandardColumns, lines: Line[], margins: readonly Float64Array[], penalty: Penalty): void {
  const change = new Float64Array(table.rows)
  const shifts = Float64Array.from(table.columns, (_, place) => {
    const shift = cheapestShift(
      lines.map(({ weights }) => weights[place]!),
      penalty,
    )
    addColumn(table, place, shift, change)
    return shift
  })
  for (const [place, { intercept, weights }] of lines.entries()) {
    lines[place] = { intercept, weights: weights.map((weight, column) => weight + shifts[column]!) }
    for (let row = 0; row < change.length; row += 1) margins[place]![row]! += change[row]!
  }
}

/**
 * The number that, added to all weights, makes their penalty least: where its derivative, which rises and jumps where one of them becomes
 * 0, goes through 0. Without squares that is a median, without absolute values the mean.
 */
function cheapestShift(weights: readonly number[], { l1, l2 }: Penalty): number {
  if (l1 === 0 && l2 === 0) return 0
  const count = weights.length
  const sum = weights.reduce((all, weight) => all + weight, 0)
  const zeros = weights.map((weight) => -weight).sort((a, b) => a - b)
  for (const [below, zero] of zeros.entries()) {
    const smooth = l2 * (sum + count * zero)
    if (l1 * (2 * below - count) + smooth > 0) return between(below)
    if (l1 * (2 * below + 2 - count) + smooth >= 0) return zero
  }
  return between(count)

  function between(below: number): number {
    return -(l1 * (2 * below - count) + l2 * sum) / (l2 * count)
  }
}

/** The weighted mean log loss of rows whose classes have these lines. */
export function meanClassesLoss(problem: ClassesProblem, lines: readonly Line[]): number {
  return meanLossAt(
    problem,
    lines.map((line) => marginsOf(problem.table, line)),
  )
}

function meanLossAt({ labels, shares }: ClassesProblem, margins: readonly Float64Array[]): number {
  const sums = logSums(margins)
  let loss = 0
  for (let row = 0; row < labels.length; row += 1) loss += shares[row]! * (sums[row]! - margins[labels[row]!]![row]!)
  return loss
}

/** Of each row the logarithm of the sum of e^margin over the classes. */
function logSums(margins: readonly Float64Array[]): Float64Array {
  return margins[0]!.map((_, row) => logSum(margins, row, -1))
}

function logSum(margins: readonly Float64Array[], row: number, without: number): number {
  let most = Number.NEGATIVE_INFINITY
  for (const [place, one] of margins.entries()) if (place !== without) most = Math.max(most, one[row]!)
  let sum = 0
  for (const [place, one] of margins.entries()) if (place !== without) sum += exp(one[row]! - most)
  return most + log(sum)
}

/** Above this share of a class what is left of 1 has too few digits. */
const NEARLY_ALL = 0.999

/** Minus the logarithm of what all classes but one add up to. */
function restOf(sums: Float64Array, margins: readonly Float64Array[], place: number): Float64Array {
  const own = margins[place]!
  return sums.map((sum, row) => {
    const share = exp(own[row]! - sum)
    return share > NEARLY_ALL ? -logSum(margins, row, place) : -(sum + log(1 - share))
  })
}

/** ln(e^a + e^b). */
function logOfTwo(a: number, b: number): number {
  return Math.max(a, b) + log(1 + exp(-Math.abs(a - b)))
}
