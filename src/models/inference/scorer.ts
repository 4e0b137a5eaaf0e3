/** Scores rows by a model. Missing inputs are NaN. Not to be called from two threads at once. */
export interface Scorer {
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
}
