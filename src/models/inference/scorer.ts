/** Our own evaluators of forests and of linear models, and onnxruntime. */
export type ScorerPlatform = 'trueline_forest' | 'trueline_linear' | 'onnxruntime_onnx'

/** Scores rows by a model. Missing inputs are NaN. Not to be called from two threads at once. */
export interface Scorer {
  /** What computes the scores, by the name that metadata call it. */
  readonly platform: ScorerPlatform
  /** Inputs of a row. */
  readonly inputs: number
  /** Scores of a row: classes of a multiclass model, 1 of most. */
  readonly outputs: number
  /** The score of the row that begins at `offset`; of a model with several outputs the first. */
  scoreRow(values: Float64Array, offset: number): number
  /** Writes all scores of the row that begins at `offset` from `at` on. */
  scoreInto(values: Float64Array, offset: number, scores: Float64Array, at: number): void
  /** The margin of the row that begins at `offset`, before it is made a score; of a model with several outputs the first. */
  marginRow(values: Float64Array, offset: number): number
  /** Scores of rows that lie one after the other, `outputs` of each row. */
  scoreRows(values: Float64Array, rows: number): Float64Array
  /** Scores of rows that are given by column, `outputs` of each row. */
  scoreColumns(columns: readonly (Float32Array | Float64Array)[], rows: number): Float64Array
  /** Gives back what memory it has beside its own; it still scores the same bits, only slower. */
  close(): void
}

/** Rows that are turned at a time. */
const BLOCK = 256

/** Scores rows that are given by column with a function that takes rows one after the other. */
export function scoreBlocks(
  columns: readonly (Float32Array | Float64Array)[],
  rows: number,
  outputs: number,
  scoreAll: (values: Float64Array, rows: number, scores: Float64Array) => void,
): Float64Array {
  const scores = new Float64Array(rows * outputs)
  const inputs = columns.length
  const values = new Float64Array(Math.min(rows, BLOCK) * inputs)
  for (let from = 0; from < rows; from += BLOCK) {
    const count = Math.min(BLOCK, rows - from)
    for (let input = 0; input < inputs; input += 1) {
      const column = columns[input]!
      for (let row = 0; row < count; row += 1) values[row * inputs + input] = column[from + row]!
    }
    scoreAll(values, count, scores.subarray(from * outputs, (from + count) * outputs))
  }
  return scores
}
