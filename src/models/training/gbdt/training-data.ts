import { TruelineError } from '../../../core/errors.ts'
import type { ForestObjective } from '../../inference/forest-builder.ts'

/** A table to train or validate on; missing values are NaN. */
export interface GbdtData {
  readonly rows: number
  readonly featureNames: readonly string[]
  /** One array of `rows` values for each feature. */
  readonly columns: readonly Float32Array[]
  /** Of binary models 0 or 1, of regressions any finite number. */
  readonly labels: Float32Array
}

/**
 * Refuses a table that nothing can be learned from.
 * @throws TruelineError `no_training_rows`, `invalid_parameter` (no columns, or lengths that differ), `invalid_label`,
 * `single_class`
 */
export function checkTrainingData(data: GbdtData, validation: GbdtData | undefined, objective: ForestObjective): void {
  checkTable(data, objective)
  if (validation !== undefined) {
    if (validation.columns.length !== data.columns.length)
      throw mismatch(
        `The validation table has ${validation.columns.length} columns, the training table ${data.columns.length}.`,
      )
    checkTable(validation, objective)
  }
  const first = data.labels[0]
  if (objective === 'binary' && data.labels.every((label) => label === first))
    throw new TruelineError('single_class', `All ${data.rows} training rows have the label ${first}.`)
}

function checkTable({ rows, columns, featureNames, labels }: GbdtData, objective: ForestObjective): void {
  if (rows === 0) throw new TruelineError('no_training_rows', 'There are no rows to train or validate on.')
  if (columns.length === 0) throw mismatch('A model needs at least one feature.')
  if (featureNames.length !== columns.length)
    throw mismatch(`There are ${columns.length} columns and ${featureNames.length} names.`)
  columns.forEach((column, index) => {
    if (column.length !== rows) throw mismatch(`${featureNames[index]} has ${column.length} values for ${rows} rows.`)
  })
  if (labels.length !== rows) throw mismatch(`There are ${labels.length} labels for ${rows} rows.`)
  const wrong = labels.findIndex((label) =>
    objective === 'binary' ? label !== 0 && label !== 1 : !Number.isFinite(label),
  )
  if (wrong !== -1) throw new TruelineError('invalid_label', `The label of row ${wrong} is ${labels[wrong]}.`)
}

function mismatch(message: string): TruelineError {
  return new TruelineError('invalid_parameter', message, { path: 'columns' })
}
