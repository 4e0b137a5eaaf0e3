import { TruelineError } from '../../core/errors.ts'
import { applyIsotonic, type IsotonicCalibration } from '../../stats/calibration/isotonic.ts'
import { applyPlatt, type PlattCalibration } from '../../stats/calibration/platt.ts'

/** What makes a probability that can be believed of a model's score: fitted on validation rows, a part of the model. */
export type Calibration = PlattCalibration | IsotonicCalibration

/** The function that a calibration is, with the same bits on every host; without one the score stays as it is. */
export function createCalibrator(calibration: Calibration | undefined): (score: number) => number {
  if (calibration === undefined) return (score) => score
  if (calibration.kind === 'platt') return (score) => applyPlatt(calibration, score)
  return (score) => applyIsotonic(calibration, score)
}

/**
 * The calibration in an artifact's bytes.
 * @throws TruelineError `artifact_corrupt`
 */
export function decodeCalibration(bytes: Uint8Array): Calibration {
  let calibration: Partial<Calibration> | null
  try {
    calibration = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Partial<Calibration> | null
  } catch (cause) {
    throw new TruelineError('artifact_corrupt', 'The calibration of a model cannot be read.', { cause })
  }
  if (isPlatt(calibration) || isIsotonic(calibration)) return calibration
  throw new TruelineError('artifact_corrupt', 'The calibration of a model is of a form that is not known.')
}

function isPlatt(calibration: Partial<Calibration> | null): calibration is PlattCalibration {
  return calibration?.kind === 'platt' && Number.isFinite(calibration.slope) && Number.isFinite(calibration.intercept)
}

function isIsotonic(calibration: Partial<Calibration> | null): calibration is IsotonicCalibration {
  if (calibration?.kind !== 'isotonic') return false
  const { scores, probabilities } = calibration
  if (!Array.isArray(scores) || !Array.isArray(probabilities)) return false
  return (
    scores.length > 0 && scores.length === probabilities.length && [...scores, ...probabilities].every(Number.isFinite)
  )
}
