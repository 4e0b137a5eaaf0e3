import { isOfClass, probabilitiesOf } from '../metrics/class-probabilities.ts'
import type { Numbers } from '../metrics/numbers.ts'
import { applyIsotonic, fitIsotonic, type IsotonicCalibration } from './isotonic.ts'
import { applyPlatt, fitPlatt, type PlattCalibration } from './platt.ts'

/** The calibration of one probability. */
export type ScoreCalibration = PlattCalibration | IsotonicCalibration

/** Probabilities of classes of which each is calibrated as if there were it and the rest; they are divided by their sum. */
export interface OneAgainstRestCalibration {
  readonly kind: 'one_against_rest'
  /** In the order of the classes. */
  readonly classes: readonly ScoreCalibration[]
}

/**
 * Fits a calibration of each class against all others (Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass
 * Probability Estimates", 2002), as scikit-learn's `CalibratedClassifierCV` does.
 * @param labels numbers of classes
 * @param probabilities row by row, of each class one
 * @throws TruelineError `single_class` where all or none of the rows are of a class; what `checkProbabilities` throws
 */
export function fitOneAgainstRest(
  kind: ScoreCalibration['kind'],
  labels: Numbers,
  probabilities: Numbers,
  classes: number,
): OneAgainstRestCalibration {
  const fitTo = kind === 'platt' ? fitPlatt : fitIsotonic
  return {
    kind: 'one_against_rest',
    classes: Array.from({ length: classes }, (_, place) =>
      fitTo(isOfClass(labels, place), probabilitiesOf(probabilities, classes, place)),
    ),
  }
}

/** The probability of a score, as a calibration says. */
export function applyToScore(calibration: ScoreCalibration, score: number): number {
  return calibration.kind === 'platt' ? applyPlatt(calibration, score) : applyIsotonic(calibration, score)
}

/**
 * Calibrates the probabilities of one row in their place; they add up to 1 then. Where each is 0 none is more likely than another.
 * @param from of the first of them
 */
export function applyOneAgainstRest(
  { classes }: OneAgainstRestCalibration,
  probabilities: Float64Array,
  from: number,
): void {
  let sum = 0
  for (let place = 0; place < classes.length; place += 1) {
    const probability = applyToScore(classes[place]!, probabilities[from + place]!)
    probabilities[from + place] = probability
    sum += probability
  }
  for (let place = from; place < from + classes.length; place += 1)
    probabilities[place] = sum === 0 ? 1 / classes.length : probabilities[place]! / sum
}
