/** The rows that a candidate was judged on, and what use had been made of them before. */
export interface Holdout {
  /** t of the test rows, microseconds: from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
  /** The version that it was judged against; null where there was none. */
  readonly champion: number | null
  /** The first candidate that is judged on these rows against this champion has 1. */
  readonly look: number
  /** The level of its tests. */
  readonly alpha: number
}

/** The chance that any of the candidates that are judged on the same rows passes wrongly. */
const SERIES_ALPHA = 0.05

/**
 * The level for the nth candidate that is judged on the same rows against the same champion: a / (n (n + 1)), which adds
 * up to a over any number of them. Who tries often enough gets a lucky candidate past a fixed level; here all of them
 * together have a chance of at most 5%, by Bonferroni's inequality with unequal shares.
 *
 * @param look from 1
 */
export function alphaOfLook(look: number): number {
  return SERIES_ALPHA / (look * (look + 1))
}

/**
 * The holdout of a candidate, given those of candidates before it: a look counts when it was against the same champion,
 * on rows of a stretch that overlaps.
 */
export function nextHoldout(
  { from, to, champion }: Pick<Holdout, 'from' | 'to' | 'champion'>,
  before: readonly Holdout[],
): Holdout {
  const same = before.filter((one) => one.champion === champion && one.from < to && from < one.to)
  const look = same.length + 1
  return { from, to, champion, look, alpha: alphaOfLook(look) }
}
