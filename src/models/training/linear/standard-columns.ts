/** Columns as if each had the mean 0 and the standard deviation 1; what is missing is the mean. */
export interface StandardColumns {
  readonly rows: number
  readonly columns: readonly Float32Array[]
  /** Of each column the weighted mean of what is not missing; 0 where all is. */
  readonly centers: Float64Array
  /** Of each column the weighted standard deviation of the population; 0 for one that is constant. */
  readonly spreads: Float64Array
}

/**
 * Means and deviations of columns. Sums are taken in the order of the rows.
 * @param shares of the rows: at least 0, together 1
 */
export function standardColumns(columns: readonly Float32Array[], shares: Float64Array): StandardColumns {
  const centers = new Float64Array(columns.length)
  const spreads = new Float64Array(columns.length)
  for (const [place, column] of columns.entries()) {
    let sum = 0
    let present = 0
    for (let row = 0; row < column.length; row += 1) {
      const value = column[row]!
      if (Number.isNaN(value)) continue
      sum += shares[row]! * value
      present += shares[row]!
    }
    const center = present === 0 ? 0 : sum / present
    let squares = 0
    for (let row = 0; row < column.length; row += 1) {
      const distance = column[row]! - center
      if (!Number.isNaN(distance)) squares += shares[row]! * distance * distance
    }
    centers[place] = center
    // What rounding leaves of a constant column is no deviation.
    spreads[place] = isConstant(column) ? 0 : Math.sqrt(squares)
  }
  return { rows: shares.length, columns, centers, spreads }
}

/** The sum over all rows of a factor times the standardised value. */
export function productWith(
  { columns, centers, spreads }: StandardColumns,
  place: number,
  factors: Float64Array,
): number {
  const spread = spreads[place]!
  if (spread === 0) return 0
  const column = columns[place]!
  const center = centers[place]!
  let sum = 0
  for (let row = 0; row < column.length; row += 1) {
    const distance = column[row]! - center
    // NaN alone is not itself, and a missing value is the mean: it adds nothing. A call would take twice the time.
    // biome-ignore lint/suspicious/noSelfCompare: see above
    if (distance === distance) sum += factors[row]! * distance
  }
  return sum / spread
}

/** Adds `weight` times the standardised values to `sums`. */
export function addColumn(
  { columns, centers, spreads }: StandardColumns,
  place: number,
  weight: number,
  sums: Float64Array,
): void {
  const spread = spreads[place]!
  if (spread === 0 || weight === 0) return
  const column = columns[place]!
  const center = centers[place]!
  const slope = weight / spread
  for (let row = 0; row < column.length; row += 1) {
    const distance = column[row]! - center
    // biome-ignore lint/suspicious/noSelfCompare: as in `productWith`
    if (distance === distance) sums[row]! += slope * distance
  }
}

function isConstant(column: Float32Array): boolean {
  let first = Number.NaN
  for (const value of column) {
    if (Number.isNaN(value)) continue
    if (Number.isNaN(first)) first = value
    else if (value !== first) return false
  }
  return true
}
