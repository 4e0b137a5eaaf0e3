import { TruelineError } from '../../core/errors.ts'

/** A column of numbers. Labels of a binary task are 0 and 1; predictions are probabilities, scores or values. */
export type Numbers = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array

/**
 * Checks that two columns belong together and hold only finite numbers.
 *
 * @throws `invalid_parameter` when the lengths differ, `not_finite` at the first NaN or infinity.
 */
export function checkColumns(labels: Numbers, predictions: Numbers): void {
  if (labels.length !== predictions.length) {
    throw new TruelineError(
      'invalid_parameter',
      `${labels.length} labels do not fit ${predictions.length} predictions.`,
    )
  }
  checkFinite(labels, 'label')
  checkFinite(predictions, 'prediction')
}

/**
 * Checks that labels are 0 or 1, besides what {@link checkColumns} checks.
 *
 * @throws `out_of_range` at the first other label.
 */
export function checkBinary(labels: Numbers, predictions: Numbers): void {
  checkColumns(labels, predictions)
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (label !== 0 && label !== 1) {
      throw new TruelineError('out_of_range', `Label ${row} is ${label}; a binary label is 0 or 1.`)
    }
  }
}

/**
 * Checks that predictions are probabilities of binary labels, besides what {@link checkBinary} checks.
 *
 * @throws `out_of_range` at the first prediction outside 0 to 1.
 */
export function checkProbabilities(labels: Numbers, probabilities: Numbers): void {
  checkBinary(labels, probabilities)
  for (let row = 0; row < probabilities.length; row++) {
    const probability = probabilities[row]!
    if (probability < 0 || probability > 1) {
      throw new TruelineError('out_of_range', `Prediction ${row} is ${probability}; a probability lies in 0 to 1.`)
    }
  }
}

/** @throws `not_finite` at the first NaN or infinity. */
export function checkFinite(column: Numbers, name: string): void {
  for (let row = 0; row < column.length; row++) {
    if (!Number.isFinite(column[row]))
      throw new TruelineError('not_finite', `The ${name} of row ${row} is ${column[row]}.`)
  }
}
