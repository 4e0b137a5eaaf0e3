import { checkProbabilities, type Numbers } from './numbers.ts'
import { type ResampledMetric, resampledMean } from './resampled-metric.ts'

/**
 * Mean squared distance of probabilities from binary labels (Brier 1950): 0 is perfect, .25 a coin; undefined without rows.
 *
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, labels other than 0 and
 * 1, or predictions outside 0 to 1.
 */
export function brierScore(labels: Numbers, probabilities: Numbers): number | undefined {
  return resampledBrierScore(labels, probabilities)()
}

/** {@link brierScore} to be evaluated on many resamples. */
export function resampledBrierScore(labels: Numbers, probabilities: Numbers): ResampledMetric {
  checkProbabilities(labels, probabilities)
  const losses = new Float64Array(labels.length)
  for (let row = 0; row < losses.length; row++) losses[row] = (probabilities[row]! - labels[row]!) ** 2
  return resampledMean(losses)
}
