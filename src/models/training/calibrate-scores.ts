import { TruelineError } from '../../core/errors.ts'
import type { CalibrationMethod } from '../../language/define/calibration-definition.ts'
import { fitIsotonic } from '../../stats/calibration/isotonic.ts'
import { fitOneAgainstRest } from '../../stats/calibration/one-against-rest.ts'
import { fitPlatt } from '../../stats/calibration/platt.ts'
import { fitTemperature } from '../../stats/calibration/temperature.ts'
import { likeliestAnswers } from '../../stats/metrics/class-probabilities.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { type Calibration, calibrated } from '../inference/calibration.ts'

/** Scores of the test rows, as the model will serve them. */
export interface CalibratedScores {
  readonly scores: Float64Array
  /** Absent where scores stay as they are. */
  readonly calibration?: Calibration
  /** How far the scores were from the outcomes of the test rows before; see `expectedCalibrationError`. */
  readonly uncalibrated?: { readonly error: number }
}

/**
 * Fits a calibration on the validation rows and applies it to the test rows.
 * @param labels of the validation rows and, after them, the test rows; `raw` are their scores
 * @param validation number of validation rows, and how many of them, from the first on, it is fitted on
 * @param classes names of those that labels are the numbers of, where there are several: a row has a score of each
 * @throws TruelineError `single_class` when the validation rows have only one outcome, or a class that is calibrated against the rest
 *   has none of them
 */
export function calibrateScores(
  method: CalibrationMethod | undefined,
  labels: Float64Array,
  raw: Float64Array,
  { all, fit }: { readonly all: number; readonly fit: number },
  classes?: readonly string[],
): CalibratedScores {
  const outputs = classes?.length ?? 1
  const scores = raw.subarray(all * outputs)
  if (method === undefined) return { scores }
  const calibration = fitted(method, labels.subarray(0, fit), raw.subarray(0, fit * outputs), classes)
  const test = labels.subarray(all)
  const told = classes === undefined ? { right: test, scores } : likeliestAnswers(test, scores, outputs)
  const error = expectedCalibrationError(reliabilityCurve(told.right, told.scores))
  return {
    scores: calibrated(calibration, scores, outputs),
    calibration,
    ...(error === undefined ? {} : { uncalibrated: { error } }),
  }
}

function fitted(
  method: CalibrationMethod,
  labels: Float64Array,
  scores: Float64Array,
  classes: readonly string[] | undefined,
): Calibration {
  if (method === 'temperature') return fitTemperature(labels, scores)
  if (classes === undefined) return method === 'platt' ? fitPlatt(labels, scores) : fitIsotonic(labels, scores)
  const absent = classes.filter((_, place) => !labels.includes(place))
  if (absent.length > 0)
    throw new TruelineError(
      'single_class',
      `No validation row is ${absent.map((name) => `'${name}'`).join(' or ')}, so that no calibration of it against the rest can be fitted.`,
      { path: 'calibration', remedy: "Take calibration: 'temperature', which needs no rows of each class." },
    )
  return fitOneAgainstRest(method, labels, scores, classes.length)
}
