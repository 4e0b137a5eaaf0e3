/**
 * A metric whose sorting and per-row losses are computed once, to be evaluated on many resamples of the same rows.
 *
 * `weights[row]` says how often the row is in the resample (0 to 255); without weights each row counts once. The answer
 * is undefined where the metric is not defined, for example on one class only.
 */
export type ResampledMetric = (weights?: Uint8Array) => number | undefined

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
