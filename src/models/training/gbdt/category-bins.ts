/** Categories are whole numbers from 0 on, below this: a set of them is a bit for each (see forest-builder.ts). */
const CATEGORIES = 2 ** 24

/**
 * The categories of a column that have bins of their own, the most frequent first, of equally frequent the smaller: bin b is
 * that of category b - 1 of them. All else, which no set of a split can hold, is bin 0: what is missing, no category, or rare.
 * @param most categories that have bins
 */
export function frequentCategories(column: Float32Array, most: number): Float32Array {
  const counts = new Map<number, number>()
  for (let row = 0; row < column.length; row += 1) {
    const value = column[row] as number
    if (isCategory(value)) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  const order = [...counts].sort(([a, rowsOfA], [b, rowsOfB]) => rowsOfB - rowsOfA || a - b)
  return Float32Array.from(order.slice(0, most), ([category]) => category)
}

/** Writes the bin of each value of a column (see `frequentCategories`). */
export function assignCategories(column: Float32Array, categories: Float32Array, bins: Uint8Array): void {
  const binOf = new Map(Array.from(categories, (category, place) => [category, place + 1]))
  for (let row = 0; row < column.length; row += 1) bins[row] = binOf.get(column[row] as number) ?? 0
}

function isCategory(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < CATEGORIES
}
