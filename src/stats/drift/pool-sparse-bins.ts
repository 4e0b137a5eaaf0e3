import { type Counts, totalOf } from './counts.ts'

/** Bins made ready for a chi-square test, with what was too sparse for it. */
export interface PooledBins {
  /** Counts of groups that each expect enough rows in either sample. */
  readonly groups: { readonly reference: readonly number[]; readonly current: readonly number[] }
  /** Rows of all bins that stayed too sparse, counted together. */
  readonly sparse: { readonly reference: number; readonly current: number }
}

/**
 * Merges neighbouring sparse bins until each group expects `minimumExpected` rows in either sample if both had the same
 * distribution. A well-filled bin never takes in a sparse one: a bin that was empty in the reference and fills up later
 * would disappear in it. Bins from `ordered` on (missing values) have no neighbours. What stays sparse goes to `sparse`,
 * or becomes a group of its own if it is enough together.
 *
 * Only the sums of both samples decide, never their difference, so that a test on the result keeps its error rate.
 */
export function poolSparseBins(
  reference: Counts,
  current: Counts,
  { minimumExpected, ordered }: { readonly minimumExpected: number; readonly ordered: number },
): PooledBins {
  const referenceTotal = totalOf(reference)
  const currentTotal = totalOf(current)
  const smaller = Math.min(referenceTotal, currentTotal) / (referenceTotal + currentTotal)
  const enough = (before: number, now: number) => (before + now) * smaller >= minimumExpected
  const groups: { reference: number[]; current: number[] } = { reference: [], current: [] }
  const sparse = { reference: 0, current: 0 }
  let before = 0
  let now = 0
  const close = () => {
    if (enough(before, now)) {
      groups.reference.push(before)
      groups.current.push(now)
    } else {
      sparse.reference += before
      sparse.current += now
    }
    before = 0
    now = 0
  }
  for (let bin = 0; bin < reference.length; bin++) {
    if (bin >= ordered || enough(before, now) || enough(reference[bin]!, current[bin]!)) close()
    before += reference[bin]!
    now += current[bin]!
  }
  close()
  if (!enough(sparse.reference, sparse.current)) return { groups, sparse }
  groups.reference.push(sparse.reference)
  groups.current.push(sparse.current)
  return { groups, sparse: { reference: 0, current: 0 } }
}
