import { exp } from '../../../core/math/exp.ts'
import { log } from '../../../core/math/log.ts'
import type { LinearParameters } from '../../../language/define/linear.ts'
import type { LinearModel } from '../../inference/linear-model.ts'
import { checkTables } from '../check-tables.ts'
import type { TrainingTable } from '../training-table.ts'
import { chooseLambda, greatestLambda, penaltyAt } from './choose-lambda.ts'
import type { Line } from './elastic-net.ts'
import { type ClassesProblem, fitClasses, meanClassesLoss } from './fit-classes.ts'
import { logLoss } from './loss.ts'
import { type StandardColumns, standardColumns } from './standard-columns.ts'
import { checkFinite, lineOverColumns, notConverged, sharesOf, type TrainedLine } from './train-linear.ts'

/**
 * Fits a line for each of several classes, whose softmax gives their probabilities, with an elastic net on all weights: as `trainLinear`,
 * and as glmnet's and scikit-learn's multinomial models. The intercepts add up to 0: only their differences count. A class that no
 * training row has takes no part: its line is flat, as low as if half a row had it.
 * @param classes how many; labels are their numbers from 0 on
 * @throws TruelineError as `trainLinear` does
 */
export async function trainClasses(
  classes: number,
  training: TrainingTable,
  validation: TrainingTable,
  parameters: LinearParameters,
  onProgress: (done: number, of: number) => void,
): Promise<TrainedLine> {
  checkTables(training, validation, 'multiclass', classes)
  checkFinite(training, 'training')
  checkFinite(validation, 'validation')
  const shares = sharesOf(training)
  const table = standardColumns(training.columns, shares)
  const present = Array.from({ length: classes }, (_, place) => place).filter((place) =>
    training.labels.some((label, row) => label === place && shares[row]! > 0),
  )
  const problem: ClassesProblem = {
    ...{ table, shares, classes: present.length },
    labels: training.labels.map((label) => Math.max(0, present.indexOf(label))),
  }
  const { tolerance, steps } = parameters
  const none = noLines(problem)
  const { lambda, fitted: start } =
    parameters.lambda === undefined
      ? await chooseLambda<readonly Line[]>(
          {
            ...{ none, greatest: greatestOf(problem, none, parameters) },
            fitAt(penalty, from, within) {
              const { lines, converged } = fitClasses(problem, penalty, from, within, steps)
              return { fitted: lines, converged }
            },
            lossOf: (lines) =>
              meanClassesLoss(heldOutOf(table, validation, classes), allLines(lines, present, problem, classes)),
          },
          parameters,
          onProgress,
        )
      : { lambda: parameters.lambda, fitted: none }
  const { lines, converged, steps: made } = fitClasses(problem, penaltyAt(lambda, parameters), start, tolerance, steps)
  if (!converged) throw notConverged(made, lambda)
  const importance = new Float64Array(training.columns.length)
  for (const { weights } of lines)
    for (const [place, weight] of weights.entries()) importance[place]! += Math.abs(weight)
  const all = allLines(lines, present, problem, classes)
  return { model: modelOf(training.featureNames, table, all), lambda, importance }
}

/** The lines without weights: they give each row the shares of the classes. */
function noLines({ table, labels, shares, classes }: ClassesProblem): Line[] {
  const sums = new Float64Array(classes)
  for (const [row, label] of labels.entries()) sums[label]! += shares[row]!
  return Array.from(sums, (share) => ({
    intercept: log(share),
    weights: new Float64Array(table.columns.length),
  }))
}

function greatestOf(
  { table, labels, shares }: ClassesProblem,
  none: readonly Line[],
  parameters: LinearParameters,
): number {
  const greatest = none.map((line, place) => {
    const own = { table, labels: labels.map((label) => Number(label === place)), shares, loss: logLoss }
    // Of a class against all others, whose shares make up the rest.
    const share = exp(line.intercept)
    return greatestLambda(own, { ...line, intercept: log(share / (1 - share)) }, parameters)
  })
  return Math.max(...greatest)
}

/** The lines of all classes, those that no row has among them. */
function allLines(
  lines: readonly Line[],
  present: readonly number[],
  { table, labels }: ClassesProblem,
  classes: number,
): Line[] {
  // Where all columns have their mean.
  const sum = lines.reduce((all, { intercept }) => all + exp(intercept), 0)
  const flat = { intercept: log((0.5 / labels.length) * sum), weights: new Float64Array(table.columns.length) }
  return Array.from({ length: classes }, (_, place) => lines[present.indexOf(place)] ?? flat)
}

function heldOutOf(table: StandardColumns, validation: TrainingTable, classes: number): ClassesProblem {
  return {
    table: { ...table, rows: validation.rows, columns: validation.columns },
    ...{ labels: validation.labels, shares: sharesOf(validation), classes },
  }
}

function modelOf(featureNames: readonly string[], table: StandardColumns, lines: readonly Line[]): LinearModel {
  const over = lines.map((line) => lineOverColumns(table, line))
  const mean = over.reduce((sum, { intercept }) => sum + intercept, 0) / over.length
  return {
    featureNames,
    transform: { kind: 'softmax' },
    intercepts: Float64Array.from(over, ({ intercept }) => intercept - mean),
    weights: Float64Array.from(over.flatMap(({ weights }) => Array.from(weights))),
    missingAs: table.centers,
  }
}
