import { checkColumns, type Numbers } from './numbers.ts'
import { type ResampledMetric, resampledMean } from './resampled-metric.ts'

/**
 * Root of the mean squared error, in the unit of the label; undefined without rows.
 *
 * @throws `invalid_parameter` or `not_finite` for columns that do not fit, or NaN.
 */
export function rootMeanSquaredError(labels: Numbers, predictions: Numbers): number | undefined {
  return resampledRootMeanSquaredError(labels, predictions)()
}

/** {@link rootMeanSquaredError} to be evaluated on many resamples. */
export function resampledRootMeanSquaredError(labels: Numbers, predictions: Numbers): ResampledMetric {
  const meanSquare = resampledMean(squaredErrors(labels, predictions))
  return (weights) => {
    const mean = meanSquare(weights)
    return mean === undefined ? undefined : Math.sqrt(mean)
  }
}

/**
 * Mean absolute error, in the unit of the label; undefined without rows.
 *
 * @throws `invalid_parameter` or `not_finite` for columns that do not fit, or NaN.
 */
export function meanAbsoluteError(labels: Numbers, predictions: Numbers): number | undefined {
  return resampledMeanAbsoluteError(labels, predictions)()
}

/** {@link meanAbsoluteError} to be evaluated on many resamples. */
export function resampledMeanAbsoluteError(labels: Numbers, predictions: Numbers): ResampledMetric {
  checkColumns(labels, predictions)
  const errors = new Float64Array(labels.length)
  for (let row = 0; row < errors.length; row++) errors[row] = Math.abs(predictions[row]! - labels[row]!)
  return resampledMean(errors)
}

/**
 * Share of the labels' variance that the predictions explain (R squared): 1 is perfect, 0 as good as the mean, below 0
 * worse; undefined when the labels do not vary.
 *
 * @throws `invalid_parameter` or `not_finite` for columns that do not fit, or NaN.
 */
export function rSquared(labels: Numbers, predictions: Numbers): number | undefined {
  return resampledRSquared(labels, predictions)()
}

/** {@link rSquared} to be evaluated on many resamples. */
export function resampledRSquared(labels: Numbers, predictions: Numbers): ResampledMetric {
  const errors = squaredErrors(labels, predictions)
  const meanLabel = resampledMean(Float64Array.from(labels))
  return (weights) => {
    const mean = meanLabel(weights)
    if (mean === undefined) return undefined
    let residual = 0
    let total = 0
    for (let row = 0; row < errors.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!
      residual += weight * errors[row]!
      total += weight * (labels[row]! - mean) ** 2
    }
    return total > 0 ? 1 - residual / total : undefined
  }
}

function squaredErrors(labels: Numbers, predictions: Numbers): Float64Array {
  checkColumns(labels, predictions)
  const errors = new Float64Array(labels.length)
  for (let row = 0; row < errors.length; row++) errors[row] = (predictions[row]! - labels[row]!) ** 2
  return errors
}
