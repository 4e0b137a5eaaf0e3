import type { GateDefinition } from '../../language/define/definitions.ts'

/** Columns of the asking row whose values group the rows that a gate judges: its segments, and its clusters. */
export function columnsGrouped({ segments, clusters }: GateDefinition): readonly string[] {
  return [...new Set(clusters === undefined ? segments : [...segments, clusters])]
}

/** Rows grouped by the values of one column of the asking row. */
export interface Segmentation {
  readonly column: string
  /** Name of each group; null stands for rows without a value. */
  readonly names: readonly (string | null)[]
  /** Group of each row, an index into `names`. */
  readonly groups: Uint32Array
}

/** Groups rows by a value; groups are numbered in order of first appearance. */
export function segmentRows(column: string, values: readonly (string | null)[]): Segmentation {
  const numbers = new Map<string | null, number>()
  const groups = Uint32Array.from(values, (name) => {
    const known = numbers.get(name)
    if (known !== undefined) return known
    numbers.set(name, numbers.size)
    return numbers.size - 1
  })
  return { column, names: [...numbers.keys()], groups }
}

/** Row numbers of each group. */
export function rowsOfGroups({ names, groups }: Segmentation): Uint32Array[] {
  const sizes = new Uint32Array(names.length)
  for (const group of groups) sizes[group]! += 1
  const rows = Array.from(sizes, (size) => new Uint32Array(size))
  const filled = new Uint32Array(names.length)
  for (let row = 0; row < groups.length; row += 1) {
    const group = groups[row]!
    rows[group]![filled[group]!] = row
    filled[group]! += 1
  }
  return rows
}

/** The values at the rows named, in their order; `width` of each. */
export function takeRows(values: Float64Array, rows: Uint32Array, width = 1): Float64Array {
  const taken = new Float64Array(rows.length * width)
  if (width > 1) {
    for (const [index, row] of rows.entries()) taken.set(values.subarray(row * width, (row + 1) * width), index * width)
    return taken
  }
  for (let index = 0; index < rows.length; index += 1) taken[index] = values[rows[index]!]!
  return taken
}
