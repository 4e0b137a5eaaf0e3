import type { CalibrationMethod } from '../../language/define/calibration-definition.ts'
import { fitIsotonic } from '../../stats/calibration/isotonic.ts'
import { fitPlatt } from '../../stats/calibration/platt.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { type Calibration, createCalibrator } from '../inference/calibration.ts'

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
 *   `outputs` are the scores of a row, 1 unless given: several are taken as they are
 * @throws TruelineError `single_class` when the validation rows have only one outcome
 */
export function calibrateScores(
  method: CalibrationMethod | undefined,
  labels: Float64Array,
  raw: Float64Array,
  { all, fit, outputs = 1 }: { readonly all: number; readonly fit: number; readonly outputs?: number },
): CalibratedScores {
  const scores = raw.subarray(all * outputs)
  if (method === undefined) return { scores }
  const fitTo = method === 'platt' ? fitPlatt : fitIsotonic
  const calibration = fitTo(labels.subarray(0, fit), raw.subarray(0, fit))
  const error = expectedCalibrationError(reliabilityCurve(labels.subarray(all), scores))
  return {
    scores: scores.map(createCalibrator(calibration)),
    calibration,
    ...(error === undefined ? {} : { uncalibrated: { error } }),
  }
}
