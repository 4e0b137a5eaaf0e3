const LARGEST_RANK = 33
/** Of m registers; 1 / (2 ln 2). */
const ALPHA = 1 / (2 * Math.LN2)

/**
 * About how many different values gave the ranks of a HyperLogLog sketch, whose ranks count the leading zeros of 32 bits,
 * and one.
 *
 * Source: Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.
 * @param withRank how many registers have a rank as their highest, 0 where no value fell to them
 * @param count registers there are
 */
export function estimateDistinct(withRank: (rank: number) => number, count: number): number {
  let sum = count * tau(1 - withRank(LARGEST_RANK) / count)
  for (let rank = LARGEST_RANK - 1; rank >= 1; rank--) sum = 0.5 * (sum + withRank(rank))
  sum += count * sigma(withRank(0) / count)
  return (ALPHA * count * count) / sum
}

/** For registers that no value fell to. */
function sigma(part: number): number {
  if (part === 1) return Number.POSITIVE_INFINITY
  let power = part
  let factor = 1
  let sum = part
  for (let before = Number.NaN; before !== sum; ) {
    before = sum
    power *= power
    sum += power * factor
    factor += factor
  }
  return sum
}

/** For registers that are full. */
function tau(part: number): number {
  if (part === 0 || part === 1) return 0
  let root = part
  let factor = 1
  let sum = 1 - part
  for (let before = Number.NaN; before !== sum; ) {
    before = sum
    root = Math.sqrt(root)
    factor *= 0.5
    sum -= (1 - root) * (1 - root) * factor
  }
  return sum / 3
}
