import { TruelineError } from '../../core/errors.ts'
import type { IsotonicCalibration } from '../../stats/calibration/isotonic.ts'
import {
  applyOneAgainstRest,
  applyToScore,
  type OneAgainstRestCalibration,
  type ScoreCalibration,
} from '../../stats/calibration/one-against-rest.ts'
import type { PlattCalibration } from '../../stats/calibration/platt.ts'
import { applyTemperature, type TemperatureCalibration } from '../../stats/calibration/temperature.ts'

/** What makes probabilities that can be believed of a model's scores: fitted on validation rows, a part of the model. */
export type Calibration = ScoreCalibration | ClassCalibration

/** Of the probabilities of several classes. */
type ClassCalibration = TemperatureCalibration | OneAgainstRestCalibration

/**
 * The function that a calibration of one score is, with the same bits on every host; without one the score stays as it is.
 * @throws TruelineError `artifact_corrupt` where it is one of several classes
 */
export function createCalibrator(calibration: Calibration | undefined): (score: number) => number {
  if (calibration === undefined) return (score) => score
  if (isOfClasses(calibration)) throw strangeCalibration('is of several classes, and the model gives one score.')
  return (score) => applyToScore(calibration, score)
}

/**
 * What calibrates the probabilities of a row from a place on, in their place, with the same bits on every host; without a calibration
 * they stay as they are.
 * @throws TruelineError `artifact_corrupt` where the calibration is of one score, or of another number of classes
 */
export function createClassCalibrator(
  calibration: Calibration | undefined,
  classes: number,
): (probabilities: Float64Array, from: number) => void {
  if (calibration === undefined) return () => undefined
  if (!isOfClasses(calibration)) throw strangeCalibration(`is of one score, and the model has ${classes} classes.`)
  if (calibration.kind === 'temperature')
    return (probabilities, from) => applyTemperature(calibration, probabilities, from, classes)
  const { length } = calibration.classes
  if (length !== classes) throw strangeCalibration(`is of ${length} classes, and the model has ${classes}.`)
  return (probabilities, from) => applyOneAgainstRest(calibration, probabilities, from)
}

/**
 * The scores of many rows as a calibration says, row by row; the given ones stay.
 * @param outputs scores of a row
 * @throws TruelineError as `createCalibrator` and `createClassCalibrator` do
 */
export function calibrated(calibration: Calibration | undefined, scores: Float64Array, outputs: number): Float64Array {
  if (calibration === undefined) return scores
  if (outputs === 1) return scores.map(createCalibrator(calibration))
  const calibrate = createClassCalibrator(calibration, outputs)
  const copy = scores.slice()
  for (let from = 0; from < copy.length; from += outputs) calibrate(copy, from)
  return copy
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
  if (isOfScore(calibration) || isTemperature(calibration) || isOneAgainstRest(calibration)) return calibration
  throw strangeCalibration('is of a form that is not known.')
}

function strangeCalibration(what: string): TruelineError {
  return new TruelineError('artifact_corrupt', `The calibration of a model ${what}`)
}

function isOfClasses(calibration: Calibration): calibration is ClassCalibration {
  return calibration.kind === 'temperature' || calibration.kind === 'one_against_rest'
}

function isTemperature(calibration: Partial<Calibration> | null): calibration is TemperatureCalibration {
  return calibration?.kind === 'temperature' && Number.isFinite(calibration.temperature) && calibration.temperature! > 0
}

function isOneAgainstRest(calibration: Partial<Calibration> | null): calibration is OneAgainstRestCalibration {
  return (
    calibration?.kind === 'one_against_rest' &&
    Array.isArray(calibration.classes) &&
    calibration.classes.every(isOfScore)
  )
}

function isOfScore(calibration: Partial<Calibration> | null): calibration is ScoreCalibration {
  return isPlatt(calibration) || isIsotonic(calibration)
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
