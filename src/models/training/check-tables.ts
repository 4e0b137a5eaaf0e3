import { TruelineError } from '../../core/errors.ts'
import type { Task } from '../../language/define/task.ts'

/** What is checked of a table to learn from. */
interface CheckedTable {
  readonly rows: number
  readonly featureNames: readonly string[]
  readonly columns: readonly Float32Array[]
  readonly labels: Float32Array | Float64Array
  readonly weights?: Float32Array | Float64Array
}

/**
 * Refuses tables that nothing can be learned from.
 * @param classes how many a task of several classes has
 * @throws TruelineError `no_training_rows`, `invalid_parameter` (no columns, or lengths that differ), `invalid_label`,
 * `invalid_weight`, `single_class`
 */
export function checkTables(
  training: CheckedTable,
  validation: CheckedTable | undefined,
  task: Task,
  classes = 2,
): void {
  const fits = task === 'regression' ? Number.isFinite : (label: number) => isClass(label, classes)
  checkTable(training, fits)
  if (validation !== undefined) {
    if (validation.columns.length !== training.columns.length)
      throw mismatch(
        `The validation table has ${validation.columns.length} columns, the training table ${training.columns.length}.`,
      )
    checkTable(validation, fits)
  }
  const { labels, weights, rows } = training
  const counts = (row: number): boolean => weights === undefined || weights[row]! > 0
  const first = labels.find((_, row) => counts(row))
  if (task !== 'regression' && labels.every((label, row) => label === first || !counts(row)))
    throw new TruelineError('single_class', `All ${rows} training rows have the label ${first}, or no weight.`)
}

function checkTable(
  { rows, columns, featureNames, labels, weights }: CheckedTable,
  fits: (label: number) => boolean,
): void {
  if (rows === 0) throw new TruelineError('no_training_rows', 'There are no rows to train or validate on.')
  if (columns.length === 0) throw mismatch('A model needs at least one feature.')
  if (featureNames.length !== columns.length)
    throw mismatch(`There are ${columns.length} columns and ${featureNames.length} names.`)
  columns.forEach((column, index) => {
    if (column.length !== rows) throw mismatch(`${featureNames[index]} has ${column.length} values for ${rows} rows.`)
  })
  if (labels.length !== rows) throw mismatch(`There are ${labels.length} labels for ${rows} rows.`)
  const wrong = labels.findIndex((label) => !fits(label))
  if (wrong !== -1) throw new TruelineError('invalid_label', `The label of row ${wrong} is ${labels[wrong]}.`)
  if (weights !== undefined) checkWeights(weights)
}

function isClass(label: number, classes: number): boolean {
  return Number.isInteger(label) && label >= 0 && label < classes
}

function checkWeights(weights: Float32Array | Float64Array): void {
  const wrong = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))
  if (wrong !== -1) throw new TruelineError('invalid_weight', `The weight of row ${wrong} is ${weights[wrong]}.`)
  if (weights.every((weight) => weight === 0)) throw new TruelineError('invalid_weight', 'All rows have the weight 0.')
}

function mismatch(message: string): TruelineError {
  return new TruelineError('invalid_parameter', message, { path: 'columns' })
}
