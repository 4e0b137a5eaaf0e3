import { TruelineError } from '../../../core/errors.ts'
import type { LinearParameters } from '../../../language/define/linear.ts'
import type { Task } from '../../../language/define/task.ts'
import type { LinearModel } from '../../inference/linear-model.ts'
import { checkTables } from '../check-tables.ts'
import type { TrainingTable } from '../training-table.ts'
import { chooseLambda, greatestLambda, penaltyAt } from './choose-lambda.ts'
import { type FitProblem, type Line, marginsOf, meanLoss, meanOf } from './elastic-net.ts'
import { fitElasticNet } from './fit-elastic-net.ts'
import { logLoss, squaredError } from './loss.ts'
import { type StandardColumns, standardColumns } from './standard-columns.ts'

/** What a line is fitted for. */
type LinearTask = Exclude<Task, 'multiclass'>

export interface TrainedLine {
  readonly model: LinearModel
  /** The strength of the penalty. */
  readonly lambda: number
  /** Of each column, the absolute weight of one standard deviation. */
  readonly importance: Float64Array
}

/**
 * Fits a linear model of a number, or a logistic one of labels of 0 and 1, with an elastic net: it minimises the mean of half the
 * squared error, or of the log loss, plus lambda (l1Ratio |w| + (1 - l1Ratio) / 2 w^2) over weights of standardised columns, as glmnet
 * does. Missing values are their column's mean. Without a `lambda` the one is taken that is best on the validation rows.
 * @param onProgress told how many strengths of how many are done
 * @throws TruelineError `no_training_rows`, `invalid_label`, `invalid_weight`, `single_class`; `training_failed` for values that are not finite, and where
 *   no minimum is reached
 */
export async function trainLinear(
  task: LinearTask,
  training: TrainingTable,
  validation: TrainingTable,
  parameters: LinearParameters,
  onProgress: (done: number, of: number) => void,
): Promise<TrainedLine> {
  checkTables(training, validation, task)
  checkFinite(training, 'training')
  checkFinite(validation, 'validation')
  const loss = task === 'binary' ? logLoss : squaredError
  const shares = sharesOf(training)
  const table = standardColumns(training.columns, shares)
  const problem: FitProblem = { table, labels: training.labels, shares, loss }
  const none: Line = {
    intercept: loss.start(meanOf(training.labels, shares)),
    weights: new Float64Array(training.columns.length),
  }
  const heldOut: FitProblem = {
    table: { ...table, rows: validation.rows, columns: validation.columns },
    ...{ labels: validation.labels, shares: sharesOf(validation), loss },
  }
  const { lambda, fitted: line } =
    parameters.lambda === undefined
      ? await chooseLambda<Line>(
          {
            ...{ none, greatest: greatestLambda(problem, none, parameters) },
            fitAt(penalty, from, tolerance) {
              const found = fitElasticNet(problem, penalty, from, tolerance, parameters.steps)
              return { fitted: found, converged: found.converged }
            },
            lossOf: (one) => meanLoss(heldOut, marginsOf(heldOut.table, one)),
          },
          parameters,
          onProgress,
        )
      : { lambda: parameters.lambda, fitted: none }
  const fit = fitElasticNet(problem, penaltyAt(lambda, parameters), line, parameters.tolerance, parameters.steps)
  if (!fit.converged) throw notConverged(fit.steps, lambda)
  return { model: modelOf(task, training.featureNames, table, fit), lambda, importance: fit.weights.map(Math.abs) }
}

/** The line over columns as they are. */
function modelOf(task: LinearTask, featureNames: readonly string[], table: StandardColumns, line: Line): LinearModel {
  const { intercept, weights } = lineOverColumns(table, line)
  return {
    featureNames,
    transform: task === 'binary' ? { kind: 'sigmoid', slope: 1 } : { kind: 'identity' },
    intercepts: Float64Array.of(intercept),
    weights,
    missingAs: table.centers,
  }
}

/** A line through standardised columns as one through the columns as they are. */
export function lineOverColumns({ centers, spreads }: StandardColumns, line: Line): Line {
  const weights = line.weights.map((weight, place) => (weight === 0 ? 0 : weight / spreads[place]!))
  return { weights, intercept: weights.reduce((sum, weight, place) => sum - weight * centers[place]!, line.intercept) }
}

export function notConverged(steps: number, lambda: number): TruelineError {
  return new TruelineError('training_failed', `No minimum was reached in ${steps} steps with lambda ${lambda}.`, {
    path: 'trainer',
    remedy: 'Give a greater lambda: some inputs may tell the outcome without error, or one be the sum of others.',
  })
}

/** How much of the whole each row is. */
export function sharesOf({ rows, weights }: TrainingTable): Float64Array {
  if (weights === undefined) return new Float64Array(rows).fill(1 / rows)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** @throws TruelineError `training_failed` for values that are infinite in float32 */
export function checkFinite({ columns, featureNames }: TrainingTable, part: 'training' | 'validation'): void {
  for (const [place, column] of columns.entries()) {
    const row = column.findIndex((value) => Math.abs(value) === Number.POSITIVE_INFINITY)
    if (row === -1) continue
    throw new TruelineError(
      'training_failed',
      `'${featureNames[place]}' of ${part} row ${row} is too large for float32.`,
      {
        path: `features ${featureNames[place]}`,
        remedy: 'Encode it by a scale or in buckets, or check what it is computed from.',
      },
    )
  }
}
