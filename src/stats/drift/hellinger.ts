import { type Counts, sharesOf } from './counts.ts'

/**
 * Hellinger distance: the root of 1 - the sum of sqrt(r c) over the shares of the bins. 0 for equal shares, 1 for samples
 * that have no bin in common; undefined when a sample is empty.
 *
 * @throws `invalid_parameter` for counts that do not fit each other.
 */
export function hellingerDistance(reference: Counts, current: Counts): number | undefined {
  const shares = sharesOf(reference, current)
  if (shares === undefined) return undefined
  let squares = 0
  for (let bin = 0; bin < shares.reference.length; bin++) {
    squares += (Math.sqrt(shares.reference[bin]!) - Math.sqrt(shares.current[bin]!)) ** 2
  }
  return Math.sqrt(Math.min(squares / 2, 1))
}
