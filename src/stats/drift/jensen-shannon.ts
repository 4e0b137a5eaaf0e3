import { type Counts, sharesOf } from './counts.ts'

/**
 * Jensen-Shannon distance to base 2: the root of the mean divergence of both samples from their mixture. 0 for equal
 * shares, 1 for samples that have no bin in common; undefined when a sample is empty. Empty bins need no smoothing.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function jensenShannonDistance(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (shares === undefined) return undefined
  let divergence = 0
  for (let bin = 0; bin < shares.reference.length; bin++) {
    const before = shares.reference[bin]!
    const now = shares.current[bin]!
    const middle = (before + now) / 2
    if (before > 0) divergence += (before * Math.log2(before / middle)) / 2
    if (now > 0) divergence += (now * Math.log2(now / middle)) / 2
  }
  return Math.sqrt(Math.min(Math.max(divergence, 0), 1))
}
