import { setImmediate } from 'node:timers/promises'
import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import type { LinearParameters } from '../../../language/define/linear.ts'
import { type FitProblem, type Line, marginsOf, meanLoss, type Penalty } from './elastic-net.ts'
import { fitElasticNet } from './fit-elastic-net.ts'
import { productWith } from './standard-columns.ts'

/** What a path is followed with; the strength that is taken is fitted to the tolerance that was asked for. */
const PATH_TOLERANCE = 1e-4
/** The path ends after so many strengths without a better loss. */
const PATIENCE = 10
/** A ridge leaves weights at any strength: its path begins where a lasso of this share of it would leave none. */
const SMALLEST_L1_RATIO = 1e-3

/** A strength of the penalty, and a line that is near to its minimum. */
export interface ChosenLambda {
  readonly lambda: number
  readonly line: Line
}

/** The penalty of a strength. */
export function penaltyAt(lambda: number, { l1Ratio }: LinearParameters): Penalty {
  return { l1: lambda * l1Ratio, l2: lambda * (1 - l1Ratio) }
}

/**
 * The strength that is best on other rows: a path of them is followed from the one that leaves no weight downwards, each warm from the
 * one before.
 * @param none the line without weights
 * @param heldOut rows to choose by, whose columns are standardised as those of the problem
 * @param onProgress told how many strengths of how many are done
 */
export async function chooseLambda(
  problem: FitProblem,
  none: Line,
  heldOut: FitProblem,
  parameters: LinearParameters,
  onProgress: (done: number, of: number) => void,
): Promise<ChosenLambda> {
  const lambdas = pathFrom(greatestLambda(problem, none, parameters), parameters)
  const tolerance = Math.max(parameters.tolerance, PATH_TOLERANCE)
  let chosen: ChosenLambda = { lambda: lambdas[0]!, line: none }
  let best = Number.POSITIVE_INFINITY
  let line = none
  let since = 0
  for (const [done, lambda] of lambdas.entries()) {
    await setImmediate()
    const fit = fitElasticNet(problem, penaltyAt(lambda, parameters), line, tolerance, parameters.steps)
    // The minima of weaker penalties lie only farther away.
    if (!fit.converged) break
    line = fit
    const loss = meanLoss(heldOut, marginsOf(heldOut.table, fit))
    since += 1
    if (loss < best) {
      best = loss
      since = 0
      chosen = { lambda, line }
    }
    onProgress(done + 1, lambdas.length)
    if (since === PATIENCE) break
  }
  return chosen
}

function greatestLambda(
  { table, labels, shares, loss }: FitProblem,
  none: Line,
  { l1Ratio }: LinearParameters,
): number {
  const prediction = loss.predict(none.intercept)
  const residuals = labels.map((label, row) => shares[row]! * (prediction - label))
  let largest = 0
  for (const place of table.columns.keys()) largest = Math.max(largest, Math.abs(productWith(table, place, residuals)))
  return largest / Math.max(l1Ratio, SMALLEST_L1_RATIO)
}

/** Strengths in equal steps of their logarithm. */
function pathFrom(greatest: number, { lambdas, lambdaRatio }: LinearParameters): number[] {
  const step = lambdas === 1 ? 0 : log(lambdaRatio) / (lambdas - 1)
  return Array.from({ length: lambdas }, (_, place) => greatest * exp(step * place))
}
