import { rowHash } from '../gbdt/row-hash.ts'
import type { StandardColumns } from './standard-columns.ts'

/** Rows that second derivatives are estimated on, and how many more for each column where there are many. */
const SAMPLED_ROWS = 20_000
const SAMPLED_ROWS_OF_A_COLUMN = 20
const SAMPLE_SEED = 0x2545f491

/**
 * The rows that second derivatives are estimated on: all of a small table, else some that are drawn by their number.
 * The gradient is of all rows, so that what is converged to does not depend on them (Roosta-Khorasani and Mahoney,
 * "Sub-Sampled Newton Methods", 2019).
 */
export function sampleRows(rows: number, columns: number): Uint32Array {
  const wanted = Math.max(SAMPLED_ROWS, SAMPLED_ROWS_OF_A_COLUMN * columns)
  if (rows <= wanted) return Uint32Array.from({ length: rows }, (_, row) => row)
  const below = (wanted / rows) * 2 ** 32
  const sampled: number[] = []
  for (let row = 0; row < rows; row += 1) if (rowHash(SAMPLE_SEED, row) < below) sampled.push(row)
  return Uint32Array.from(sampled)
}

/**
 * Second derivatives of the loss by the intercept, which comes first, and by the weights of some columns, row by row.
 * @param curvatures of the loss of each sampled row by its margin, times the share of the row
 * @param total of the curvatures of all rows
 */
export function curvatureOf(
  { columns, centers, spreads }: StandardColumns,
  working: readonly number[],
  sampled: Uint32Array,
  curvatures: Float64Array,
  total: number,
): Float64Array {
  const roots = curvatures.map(Math.sqrt)
  const taken = [
    roots,
    ...working.map((place) => {
      const column = columns[place]!
      const center = centers[place]!
      const spread = spreads[place]!
      return roots.map((root, index) => {
        const value = column[sampled[index]!]!
        return Number.isNaN(value) ? 0 : (root * (value - center)) / spread
      })
    }),
  ]
  const size = taken.length
  const matrix = new Float64Array(size * size)
  const ofSample = dot(roots, roots)
  const scale = ofSample === 0 ? 0 : total / ofSample
  for (let first = 0; first < size; first += 1)
    for (let second = first; second < size; second += 1) {
      const value = scale * dot(taken[first]!, taken[second]!)
      matrix[first * size + second] = value
      matrix[second * size + first] = value
    }
  return matrix
}

function dot(first: Float64Array, second: Float64Array): number {
  let sum = 0
  for (let index = 0; index < first.length; index += 1) sum += first[index]! * second[index]!
  return sum
}
