/** Outcomes of rows in the order of t. */
export interface RowOutcomes {
  readonly labels: ArrayLike<number>
  /** t of each row, and from when on its outcome counts; microseconds. */
  readonly times: Float64Array
  readonly outcomesCount: Float64Array
}

/** What a target encoding learnt. */
export interface FittedTarget {
  /** Values that a row had, each once. */
  readonly categories: readonly number[]
  /** For each category, what it is once all outcomes are known. */
  readonly values: readonly number[]
  /** The mean of all outcomes: what any other category is. */
  readonly unknown: number
  /** For each row, what it was at its own t; NaN where it had no category, or no outcome was known at all. */
  readonly inTime: Float64Array
}

/**
 * Mean outcomes of categories, drawn towards the mean of all as if by `smoothing` rows more: (sum + smoothing * mean) /
 * (n + smoothing). A row sees the outcomes that count before its t, and never its own; so it has what a served row would
 * have had, and the model cannot learn its label from it.
 *
 * Source: Micci-Barreca, "A preprocessing scheme for high-cardinality categorical attributes" (2001), in the order of
 * time as Prokhorenkova et al., "CatBoost: unbiased boosting with categorical features" (2018).
 * @param categories of the rows, in the order of t; NaN for none
 * @param known rows by when their outcomes count, where several are fitted on the same rows
 */
export function fitTarget(
  smoothing: number,
  categories: Float64Array,
  outcomes: RowOutcomes,
  known = rowsByOutcome(outcomes.outcomesCount, categories.length),
): FittedTarget {
  const { labels, times, outcomesCount } = outcomes
  const places = new Map<number, number>()
  for (const category of categories)
    if (!Number.isNaN(category) && !places.has(category)) places.set(category, places.size)
  const sums = new Float64Array(places.size)
  const counts = new Float64Array(places.size)
  let sum = 0
  let count = 0
  const learn = (row: number): void => {
    sum += labels[row]!
    count += 1
    const place = places.get(categories[row]!)
    if (place === undefined) return
    sums[place]! += labels[row]!
    counts[place]! += 1
  }
  const meanOf = (place: number): number => {
    const mean = sum / count
    return counts[place] === 0 ? mean : (sums[place]! + smoothing * mean) / (counts[place]! + smoothing)
  }
  const inTime = new Float64Array(categories.length)
  let next = 0
  for (let row = 0; row < inTime.length; row += 1) {
    while (next < known.length && outcomesCount[known[next]!]! < times[row]!) learn(known[next++]!)
    const place = places.get(categories[row]!)
    inTime[row] = place === undefined ? Number.NaN : meanOf(place)
  }
  while (next < known.length) learn(known[next++]!)
  return {
    categories: [...places.keys()],
    values: Array.from(places.values(), meanOf),
    unknown: sum / count,
    inTime,
  }
}

/** The first `rows` rows in the order in which their outcomes count. */
export function rowsByOutcome(outcomesCount: Float64Array, rows: number): Uint32Array {
  return Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (a, b) => outcomesCount[a]! - outcomesCount[b]! || a - b,
  )
}
