import { type Counts, sharesOf } from './counts.ts'

/**
 * L-infinity distance: the largest change of any bin's share, 0 to 1; undefined when a sample is empty.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function largestShift(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (shares === undefined) return undefined
  let largest = 0
  for (let bin = 0; bin < shares.reference.length; bin++) {
    largest = Math.max(largest, Math.abs(shares.reference[bin]! - shares.current[bin]!))
  }
  return largest
}
