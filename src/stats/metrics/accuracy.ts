import { checkClasses, likeliestClasses } from './class-probabilities.ts'
import type { Numbers } from './numbers.ts'
import { type ResampledMetric, resampledMean } from './resampled-metric.ts'

/**
 * The share of rows whose likeliest class, of equal ones the first, is their label, to be evaluated on many resamples; undefined without rows.
 * @param probabilities row by row, of each class one
 * @throws as `checkClasses` does
 */
export function resampledAccuracy(labels: Numbers, probabilities: Numbers): ResampledMetric {
  const likeliest = likeliestClasses(probabilities, checkClasses(labels, probabilities))
  return resampledMean(Float64Array.from(likeliest, (place, row) => (place === labels[row] ? 1 : 0)))
}
