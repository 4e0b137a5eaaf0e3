import { setImmediate } from 'node:timers/promises'
import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import type { LinearParameters } from '../../../language/define/linear.ts'
import type { FitProblem, Line, Penalty } from './elastic-net.ts'
import { productWith } from './standard-columns.ts'

/** What a path is followed with; the strength that is taken is fitted to the tolerance that was asked for. */
const PATH_TOLERANCE = 1e-4
/** The path ends after so many strengths without a better loss. */
const PATIENCE = 10
/** A ridge leaves weights at any strength: its path begins where a lasso of this share of it would leave none. */
const SMALLEST_L1_RATIO = 1e-3

/** What is fitted at each strength: a line, or one for each class. */
export interface LambdaPath<Fitted> {
  /** The strength that leaves no weight, and what is fitted by it. */
  readonly greatest: number
  readonly none: Fitted
  fitAt(penalty: Penalty, from: Fitted, tolerance: number): { readonly fitted: Fitted; readonly converged: boolean }
  /** On rows to choose by. */
  lossOf(fitted: Fitted): number
}

/** A strength of the penalty, and what is near to its minimum. */
export interface ChosenLambda<Fitted> {
  readonly lambda: number
  readonly fitted: Fitted
}

/** The penalty of a strength. */
export function penaltyAt(lambda: number, { l1Ratio }: LinearParameters): Penalty {
  return { l1: lambda * l1Ratio, l2: lambda * (1 - l1Ratio) }
}

/**
 * The strength that is best on other rows: a path of them is followed from the one that leaves no weight downwards, each warm from the
 * one before.
 * @param onProgress told how many strengths of how many are done
 */
export async function chooseLambda<Fitted>(
  { greatest, none, fitAt, lossOf }: LambdaPath<Fitted>,
  parameters: LinearParameters,
  onProgress: (done: number, of: number) => void,
): Promise<ChosenLambda<Fitted>> {
  const lambdas = pathFrom(greatest, parameters)
  const tolerance = Math.max(parameters.tolerance, PATH_TOLERANCE)
  let chosen: ChosenLambda<Fitted> = { lambda: lambdas[0]!, fitted: none }
  let best = Number.POSITIVE_INFINITY
  let fitted = none
  let since = 0
  for (const [done, lambda] of lambdas.entries()) {
    await setImmediate()
    const found = fitAt(penaltyAt(lambda, parameters), fitted, tolerance)
    // The minima of weaker penalties lie only farther away.
    if (!found.converged) break
    fitted = found.fitted
    const loss = lossOf(fitted)
    since += 1
    if (loss < best) {
      best = loss
      since = 0
      chosen = { lambda, fitted }
    }
    onProgress(done + 1, lambdas.length)
    if (since === PATIENCE) break
  }
  return chosen
}

/** The strength from which on a line has no weight. */
export function greatestLambda(
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
