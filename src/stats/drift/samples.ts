import { TruelineError } from '../../core/errors.ts'

/** @throws `not_finite` when a sample holds NaN or an infinity: missing values are to be left out before. */
export function checkSample(sample: Float64Array): void {
  for (let row = 0; row < sample.length; row++) {
    if (!Number.isFinite(sample[row]))
      throw new TruelineError('not_finite', `Value ${row} of the sample is ${sample[row]}.`)
  }
}
