/**
 * A metric whose sorting and per-row losses are computed once, to be evaluated on many resamples of the same rows.
 *
 * `weights[row]` says how often the row is in the resample, or how much it counts; without weights each row counts once. The answer
 * is undefined where the metric is not defined, for example on one class only.
 */
export type ResampledMetric = (weights?: Uint8Array | Float64Array) => number | undefined

/**
 * A metric whose rows count by weights of their own, at least 0, and in a resample so many times as often.
 * @param weights one a row; without them the metric as it is
 */
export function weightedMetric(metric: ResampledMetric, weights: Float64Array | undefined): ResampledMetric {
  if (weights === undefined) return metric
  const counted = new Float64Array(weights.length)
  return (counts) => {
    if (counts === undefined) return metric(weights)
    for (let row = 0; row < counted.length; row++) counted[row] = weights[row]! * counts[row]!
    return metric(counted)
  }
}

/** The weighted mean of a loss per row; undefined without rows. */
export function resampledMean(losses: Float64Array): ResampledMetric {
  return (weights) => {
    let sum = 0
    let rows = 0
    for (let row = 0; row < losses.length; row++) {
      const weight = weights === undefined ? 1 : weights[row]!
      sum += weight * losses[row]!
      rows += weight
    }
    return rows === 0 ? undefined : sum / rows
  }
}
