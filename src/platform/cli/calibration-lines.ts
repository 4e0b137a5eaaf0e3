import type { Evaluation } from '../api/contract.ts'

/** What is said of calibration in an evaluation; one of a version from elsewhere may say less. */
export type CalibrationFigures = Pick<Partial<Evaluation>, 'calibration' | 'uncalibrated' | 'ofClasses'>

/**
 * How far the probabilities of an evaluation are from what came, a line an error, each with what it is an error of: none of numbers.
 * Of several classes there are two, as Kull et al. name them ("Beyond temperature scaling", 2019, section 2).
 */
export function calibrationLines({ calibration, uncalibrated, ofClasses }: CalibrationFigures): readonly string[] {
  if (calibration === undefined) return []
  const before = uncalibrated === undefined ? '' : `, ${uncalibrated.error.toFixed(4)} before it was calibrated`
  const error = calibration.error.toFixed(4)
  if (ofClasses === undefined)
    return [`calibration error ${error}${before}: the mean distance of the score from the share that came true (ECE)`]
  const classwise = ofClasses.calibrationError
  return [
    `confidence calibration error ${error}${before}: of the probability of the likeliest class (top-label ECE)`,
    ...(classwise === undefined
      ? []
      : [
          `classwise calibration error ${classwise.toFixed(4)}: the mean over classes of the error of each one's probability (classwise ECE)`,
        ]),
  ]
}
