import { checkProbabilities, type Numbers } from './numbers.ts'
import { type ResampledMetric, resampledMean } from './resampled-metric.ts'

const SMALLEST_PROBABILITY = 1e-15

/**
 * Mean negative log-likelihood of binary labels, in nats; undefined without rows. Probabilities are moved at least
 * 1e-15 away from 0 and 1, so that one wrong certainty costs 34.5 and not infinity.
 *
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, labels other than 0 and
 * 1, or predictions outside 0 to 1.
 */
export function logLoss(labels: Numbers, probabilities: Numbers): number | undefined {
  return resampledLogLoss(labels, probabilities)()
}

/** {@link logLoss} to be evaluated on many resamples. */
export function resampledLogLoss(labels: Numbers, probabilities: Numbers): ResampledMetric {
  checkProbabilities(labels, probabilities)
  const losses = new Float64Array(labels.length)
  for (let row = 0; row < losses.length; row++) {
    const ofLabel = labels[row] === 1 ? probabilities[row]! : 1 - probabilities[row]!
    losses[row] = -Math.log(Math.min(Math.max(ofLabel, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY))
  }
  return resampledMean(losses)
}
