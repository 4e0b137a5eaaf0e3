/** Columns whose rank correlation is at least this much, either way, tell the same story. */
const CORRELATED = 0.6
const MOST_ROWS = 2000

/**
 * Groups columns that move together: the number of each column's group, counted from 0 in order of first appearance.
 * Two columns are linked when Spearman's rank correlation reaches .6 in size; groups are what is linked, directly or
 * through others. Missing values (NaN) count as average.
 * @param columns of equal length; at most 2,000 rows, evenly spread, are looked at
 */
export function groupColumns(columns: readonly Float64Array[]): number[] {
  const rows = columns[0]?.length ?? 0
  const step = Math.max(1, rows / MOST_ROWS)
  const picked = Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, index) => Math.floor(index * step))
  const ranks = columns.map((column) => standardRanks(Float64Array.from(picked, (row) => column[row]!)))
  const group = columns.map((_, index) => index)
  for (let one = 0; one < columns.length; one++) {
    for (let other = one + 1; other < columns.length; other++) {
      if (group[one] === group[other]) continue
      if (Math.abs(product(ranks[one]!, ranks[other]!)) < CORRELATED) continue
      const [from, into] = [group[other]!, group[one]!]
      for (const [index, number] of group.entries()) if (number === from) group[index] = into
    }
  }
  const numbers = [...new Set(group)]
  return group.map((number) => numbers.indexOf(number))
}

/** Ranks (the mean rank for ties), moved and scaled to mean 0 and length 1; a constant becomes zeros. */
function standardRanks(values: Float64Array): Float64Array {
  const order = Array.from(values.keys()).filter((row) => !Number.isNaN(values[row]))
  order.sort((a, b) => values[a]! - values[b]!)
  const ranks = new Float64Array(values.length)
  const middle = (order.length - 1) / 2
  for (let start = 0; start < order.length; ) {
    let end = start
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let position = start; position < end; position++) ranks[order[position]!] = (start + end - 1) / 2 - middle
    start = end
  }
  const length = Math.sqrt(product(ranks, ranks))
  return length === 0 ? ranks : ranks.map((rank) => rank / length)
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let row = 0; row < a.length; row++) sum += a[row]! * b[row]!
  return sum
}
