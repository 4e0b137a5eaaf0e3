import { ascendingOrder } from './ascending-order.ts'
import { checkBinary, type Numbers } from './numbers.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/**
 * Area under the receiver operating characteristic curve: the share of pairs of a positive and a negative row in which
 * the positive one has the higher score; ties count half. 0 to 1; undefined when one class is missing.
 *
 * @example `auc(Uint8Array.of(0, 0, 1, 1), Float64Array.of(0.1, 0.4, 0.35, 0.8)) // 0.75`
 * @throws `invalid_parameter`, `not_finite` or `out_of_range` for columns that do not fit, NaN, or labels other than 0 and 1.
 */
export function auc(labels: Numbers, scores: Numbers): number | undefined {
  return resampledAuc(labels, scores)()
}

/** {@link auc} to be evaluated on many resamples: the rows are sorted once. */
export function resampledAuc(labels: Numbers, scores: Numbers): ResampledMetric {
  checkBinary(labels, scores)
  const order = ascendingOrder(scores)
  const positive = new Uint8Array(order.length)
  const endsTie = new Uint8Array(order.length)
  for (let position = 0; position < order.length; position++) {
    positive[position] = labels[order[position]!]!
    const last = position === order.length - 1
    endsTie[position] = last || scores[order[position]!] !== scores[order[position + 1]!] ? 1 : 0
  }
  return (weights) => {
    let pairs = 0
    let positives = 0
    let negatives = 0
    let tiedPositives = 0
    let tiedRows = 0
    for (let position = 0; position < order.length; position++) {
      const weight = weights === undefined ? 1 : weights[order[position]!]!
      tiedPositives += weight * positive[position]!
      tiedRows += weight
      if (endsTie[position] === 1) {
        const tiedNegatives = tiedRows - tiedPositives
        pairs += tiedPositives * (negatives + tiedNegatives / 2)
        positives += tiedPositives
        negatives += tiedNegatives
        tiedPositives = 0
        tiedRows = 0
      }
    }
    return positives === 0 || negatives === 0 ? undefined : pairs / (positives * negatives)
  }
}
