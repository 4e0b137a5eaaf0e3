/**
 * Which revision counts, as intervals: a query with a cut sees the rows with `visibleAt < cut <= hiddenAt`, which is the
 * highest revision of each id among those below the cut (docs/semantics.md, "Events and the log").
 * @param ids of rows, tombstones included: those of one id follow each other, each revision once, lowest first
 * @param visibleAt from when on each is known: times, or positions in the log; in any order, as revisions may come late
 * @returns from when on a higher revision is known; Infinity for the highest. A row that came after a higher one is
 *   hidden no later than it is visible: nothing ever sees it
 */
export function supersededAt(ids: ArrayLike<string | number>, visibleAt: Float64Array): Float64Array {
  const hiddenAt = new Float64Array(ids.length)
  let hidden = Number.POSITIVE_INFINITY
  for (let row = ids.length - 1; row >= 0; row--) {
    if (ids[row] !== ids[row + 1]) hidden = Number.POSITIVE_INFINITY
    hiddenAt[row] = hidden
    hidden = Math.min(hidden, visibleAt[row] as number)
  }
  return hiddenAt
}
