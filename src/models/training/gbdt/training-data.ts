/** A table to train or validate on; missing values are NaN. */
export interface GbdtData {
  readonly rows: number
  readonly featureNames: readonly string[]
  /** One array of `rows` values for each feature. */
  readonly columns: readonly Float32Array[]
  /** Columns whose values are categories, whole numbers from 0 on: splits part them by sets. All else is no category. */
  readonly categorical?: readonly number[]
  /** Of binary models 0 or 1, of regressions any finite number. */
  readonly labels: Float32Array
  /** How much each row counts, at least 0; once where absent. */
  readonly weights?: Float32Array
}
