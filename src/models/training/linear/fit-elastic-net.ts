import { curvatureOf, sampleRows } from './curvature.ts'
import { descendQuadratic } from './descend-quadratic.ts'
import { type FitProblem, type Line, marginsOf, meanLoss, meanOf, type Penalty, penaltyOf } from './elastic-net.ts'
import { addColumn, productWith } from './standard-columns.ts'

export interface Fit extends Line {
  readonly converged: boolean
  readonly steps: number
}

const MOST_HALVINGS = 40
/** Share of the fall that the gradient promises which a step must bring: Armijo's rule. */
const SUFFICIENT = 1e-4
/** Differences of the objective below this share of it are rounding. */
const ROUNDING = 1e-14
/** A step is solved to this share of what is wrong before it. */
const STEP_TOLERANCE = 0.01

/**
 * The line that minimises the mean loss and the penalty together, from a line near to it: a proximal Newton method, whose
 * steps are the minima of quadratic functions with the same penalty (Lee, Sun and Saunders, "Proximal Newton-Type Methods for
 * Minimizing Composite Functions", 2014).
 *
 * It is one thread's work in one order: the same rows give the same bits.
 * @param tolerance largest part of the gradient that the penalty does not explain, as a share of the labels' deviation
 * @param most steps
 */
export function fitElasticNet(
  problem: FitProblem,
  penalty: Penalty,
  start: Line,
  tolerance: number,
  most: number,
): Fit {
  const goal = tolerance * deviationOf(problem)
  const margins = marginsOf(problem.table, start)
  if (problem.offsets !== undefined)
    for (let row = 0; row < margins.length; row += 1) margins[row]! += problem.offsets[row]!
  const sampled = sampleRows(problem.table.rows, start.weights.length)
  let line = start
  let objective = meanLoss(problem, margins) + penaltyOf(line.weights, penalty)
  for (let steps = 0; ; steps += 1) {
    const gradient = gradientAt(problem, margins)
    const violation = violationOf(line, gradient, penalty)
    if (violation <= goal) return { ...line, converged: true, steps }
    if (steps === most) return { ...line, converged: false, steps }
    const target = newtonTarget(problem, penalty, line, margins, gradient, sampled, violation)
    const moved = search(problem, penalty, { line, margins, objective }, target)
    line = moved.line
    objective = moved.objective
  }
}

interface Gradient {
  readonly intercept: number
  readonly weights: Float64Array
  /** The sum over the rows of the second derivatives by the margin. */
  readonly curvature: number
}

/** The gradient of the mean loss. */
function gradientAt({ table, labels, shares, loss }: FitProblem, margins: Float64Array): Gradient {
  const residuals = new Float64Array(table.rows)
  let intercept = 0
  let curvature = 0
  for (let row = 0; row < table.rows; row += 1) {
    const prediction = loss.predict(margins[row]!)
    const residual = shares[row]! * (prediction - labels[row]!)
    residuals[row] = residual
    intercept += residual
    curvature += shares[row]! * loss.curvature(prediction)
  }
  const weights = Float64Array.from(table.columns, (_, place) => productWith(table, place, residuals))
  return { intercept, weights, curvature }
}

/** The largest part of the gradient that the penalty cannot hold in balance. */
function violationOf({ weights }: Line, gradient: Gradient, { l1, l2 }: Penalty): number {
  let largest = Math.abs(gradient.intercept)
  for (const [place, slope] of gradient.weights.entries()) {
    const weight = weights[place]!
    const violation = weight === 0 ? Math.abs(slope) - l1 : Math.abs(slope + l1 * Math.sign(weight) + l2 * weight)
    largest = Math.max(largest, violation)
  }
  return largest
}

/** Where a full step leads, and how much the objective would fall by it if it were as the quadratic function says. */
interface Target {
  readonly to: Line
  readonly promised: number
}

/** Only columns whose weight is not 0, or would not stay so, take part in a step. */
function newtonTarget(
  { table, shares, loss }: FitProblem,
  penalty: Penalty,
  line: Line,
  margins: Float64Array,
  gradient: Gradient,
  sampled: Uint32Array,
  violation: number,
): Target {
  const working = Array.from(line.weights.keys()).filter(
    (place) => line.weights[place] !== 0 || Math.abs(gradient.weights[place]!) > penalty.l1,
  )
  const curvatures = Float64Array.from(sampled, (row) => shares[row]! * loss.curvature(loss.predict(margins[row]!)))
  const from = Float64Array.of(line.intercept, ...working.map((place) => line.weights[place]!))
  const slope = Float64Array.of(gradient.intercept, ...working.map((place) => gradient.weights[place]!))
  const quadratic = {
    gradient: slope,
    curvature: curvatureOf(table, working, sampled, curvatures, gradient.curvature),
    from,
    l1: new Float64Array(from.length).fill(penalty.l1, 1),
    l2: new Float64Array(from.length).fill(penalty.l2, 1),
  }
  const to = descendQuadratic(quadratic, STEP_TOLERANCE * violation)
  const weights = new Float64Array(line.weights.length)
  for (const [index, place] of working.entries()) weights[place] = to[index + 1]!
  const alongGradient = slope.reduce((sum, part, place) => sum + part * (to[place]! - from[place]!), 0)
  const promised = alongGradient + penaltyOf(weights, penalty) - penaltyOf(line.weights, penalty)
  return { to: { intercept: to[0]!, weights }, promised }
}

/** Goes towards the target, half as far until the objective falls enough; the margins go with it. */
function search(
  problem: FitProblem,
  penalty: Penalty,
  at: { readonly line: Line; readonly margins: Float64Array; readonly objective: number },
  { to, promised }: Target,
): { readonly line: Line; readonly objective: number } {
  const { line, margins } = at
  const change = new Float64Array(margins.length).fill(to.intercept - line.intercept)
  for (const [place, weight] of to.weights.entries())
    addColumn(problem.table, place, weight - line.weights[place]!, change)
  const next = new Float64Array(margins.length)
  for (let halving = 0, share = 1; ; halving += 1, share /= 2) {
    const part = share
    for (let row = 0; row < next.length; row += 1) next[row] = margins[row]! + part * change[row]!
    const reached: Line =
      share === 1
        ? to
        : {
            intercept: line.intercept + part * (to.intercept - line.intercept),
            weights: line.weights.map((weight, place) => weight + part * (to.weights[place]! - weight)),
          }
    const objective = meanLoss(problem, next) + penaltyOf(reached.weights, penalty)
    const enough = at.objective + SUFFICIENT * share * promised + ROUNDING * Math.abs(at.objective)
    if (objective <= enough || halving === MOST_HALVINGS) {
      margins.set(next)
      return { line: reached, objective }
    }
  }
}

function deviationOf({ labels, shares }: FitProblem): number {
  const mean = meanOf(labels, shares)
  let squares = 0
  for (let row = 0; row < labels.length; row += 1)
    squares += shares[row]! * (labels[row]! - mean) * (labels[row]! - mean)
  return Math.sqrt(squares)
}
