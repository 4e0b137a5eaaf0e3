import { TruelineError } from '../../core/errors.ts'
import { normalQuantile } from '../distributions.ts'

/** A range that holds the true value in `confidence` of all samples. */
export interface Interval {
  readonly low: number
  readonly high: number
  /** 0 to 1, such as .95. */
  readonly confidence: number
}

/** A value computed from a sample, with its uncertainty. */
export interface Estimate extends Interval {
  readonly value: number
  readonly standardError: number
}

/**
 * An estimate whose error is normally distributed: the interval is the value plus and minus the normal quantile times
 * the standard error.
 *
 * @throws `invalid_parameter` for a confidence outside 0 to 1, or a negative standard error.
 */
export function normalEstimate(value: number, standardError: number, confidence = 0.95): Estimate {
  if (!(standardError >= 0))
    throw new TruelineError('invalid_parameter', `A standard error of ${standardError} is none.`)
  const halfWidth = standardErrorsWithin(confidence) * standardError
  return { value, standardError, low: value - halfWidth, high: value + halfWidth, confidence }
}

/**
 * How many standard errors lie between the middle and either end of a two-sided normal interval: 1.96 at .95.
 *
 * @throws `invalid_parameter` for a confidence that is not between 0 and 1.
 */
export function standardErrorsWithin(confidence: number): number {
  checkConfidence(confidence)
  return normalQuantile((1 + confidence) / 2)
}

/** @throws `invalid_parameter` for a confidence that is not between 0 and 1. */
export function checkConfidence(confidence: number): void {
  if (confidence > 0 && confidence < 1) return
  throw new TruelineError('invalid_parameter', `A confidence of ${confidence} does not lie between 0 and 1.`)
}
