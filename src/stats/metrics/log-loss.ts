import { checkClasses } from './class-probabilities.ts'
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

/** {@link logLoss} to be evaluated on many resamples; of several classes where there are as many probabilities a row. */
export function resampledLogLoss(labels: Numbers, probabilities: Numbers): ResampledMetric {
  if (probabilities.length > labels.length) return resampledMultinomialLogLoss(labels, probabilities)
  checkProbabilities(labels, probabilities)
  const losses = new Float64Array(labels.length)
  for (let row = 0; row < losses.length; row++)
    losses[row] = lossOf(labels[row] === 1 ? probabilities[row]! : 1 - probabilities[row]!)
  return resampledMean(losses)
}

/** Mean of {@link multinomialLosses}, to be evaluated on many resamples. */
function resampledMultinomialLogLoss(labels: Numbers, probabilities: Numbers): ResampledMetric {
  return resampledMean(multinomialLosses(labels, probabilities))
}

/**
 * The negative log-likelihood of the class of each row, in nats. Probabilities are moved as by {@link logLoss}.
 * @param labels numbers of classes
 * @param probabilities row by row, of each class one
 * @throws as `checkClasses` does
 */
export function multinomialLosses(labels: Numbers, probabilities: Numbers): Float64Array {
  const classes = checkClasses(labels, probabilities)
  const losses = new Float64Array(labels.length)
  for (let row = 0; row < losses.length; row++) losses[row] = lossOf(probabilities[row * classes + labels[row]!]!)
  return losses
}

function lossOf(probability: number): number {
  return -Math.log(Math.min(Math.max(probability, SMALLEST_PROBABILITY), 1 - SMALLEST_PROBABILITY))
}
