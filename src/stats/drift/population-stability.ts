import { type Counts, sharesOf } from './counts.ts'

/**
 * Population stability index: the sum of (c - r) ln(c / r) over the shares of the bins. 0 for equal shares, without
 * upper bound; undefined when a sample is empty.
 *
 * Half a count is added to every bin by default: an empty bin would make the index infinite, and with a fixed small
 * share in its place that share would decide the result. Without drift the index is about (1/n + 1/m) times a
 * chi-square of (bins - 1) degrees of freedom, so its size says nothing without the number of rows.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function populationStability(reference: Counts, current: Counts, smoothing = 0.5): number | undefined {
  const shares = sharesOf(reference, current, smoothing)
  if (shares === undefined) return undefined
  let index = 0
  for (let bin = 0; bin < shares.reference.length; bin++) {
    const before = shares.reference[bin]!
    const now = shares.current[bin]!
    if (before !== now) index += (now - before) * Math.log(now / before)
  }
  return index
}
