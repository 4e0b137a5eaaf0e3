import { TruelineError } from '../../core/errors.ts'
import { checkFinite, type Numbers } from './numbers.ts'

/**
 * Checks that rows of probabilities belong to labels that are numbers of classes.
 * @param labels whole numbers from 0 on
 * @param probabilities row by row, of each class one
 * @returns how many classes there are; 0 without rows
 * @throws `invalid_parameter` where they are no whole rows, `not_finite` at the first NaN or infinity, `out_of_range` at the first label
 *   that is no class, or probability outside 0 to 1
 */
export function checkClasses(labels: Numbers, probabilities: Numbers): number {
  const classes = labels.length === 0 ? 0 : probabilities.length / labels.length
  if (!Number.isInteger(classes) || (labels.length === 0 && probabilities.length > 0))
    throw new TruelineError(
      'invalid_parameter',
      `${labels.length} labels do not fit ${probabilities.length} probabilities.`,
    )
  checkFinite(labels, 'label')
  checkFinite(probabilities, 'prediction')
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!
    if (!Number.isInteger(label) || label < 0 || label >= classes)
      throw new TruelineError('out_of_range', `Label ${row} is ${label}; there are ${classes} classes, from 0 on.`)
  }
  for (let place = 0; place < probabilities.length; place++) {
    const probability = probabilities[place]!
    if (probability < 0 || probability > 1)
      throw new TruelineError('out_of_range', `Prediction ${place} is ${probability}; a probability lies in 0 to 1.`)
  }
  return classes
}

/** The likeliest class of each row; of several that are as likely the first. */
export function likeliestClasses(probabilities: Numbers, classes: number): Uint32Array {
  const likeliest = new Uint32Array(classes === 0 ? 0 : probabilities.length / classes)
  for (let row = 0; row < likeliest.length; row++) {
    const from = row * classes
    let best = 0
    for (let place = 1; place < classes; place++)
      if (probabilities[from + place]! > probabilities[from + best]!) best = place
    likeliest[row] = best
  }
  return likeliest
}

/** The probabilities of one class, row by row. */
export function probabilitiesOf(probabilities: Numbers, classes: number, place: number): Float64Array {
  const ofClass = new Float64Array(classes === 0 ? 0 : probabilities.length / classes)
  for (let row = 0; row < ofClass.length; row++) ofClass[row] = probabilities[row * classes + place]!
  return ofClass
}

/** Of each row 1 where its label is a class, else 0. */
export function isOfClass(labels: Numbers, place: number): Uint8Array {
  const isOf = new Uint8Array(labels.length)
  for (let row = 0; row < isOf.length; row++) isOf[row] = labels[row] === place ? 1 : 0
  return isOf
}

/** The probability of the likeliest class of each row, and 1 where it came true, else 0. */
export function likeliestAnswers(
  labels: Numbers,
  probabilities: Numbers,
  classes: number,
): { readonly scores: Float64Array; readonly right: Uint8Array } {
  const answered = likeliestClasses(probabilities, classes)
  return {
    scores: Float64Array.from(answered, (place, row) => probabilities[row * classes + place]!),
    right: Uint8Array.from(answered, (place, row) => Number(place === labels[row])),
  }
}
