import type { VectorEncoder } from '../inference/encoders.ts'
import type { Dataset } from './dataset.ts'
import type { RowRange } from './weigh-rows.ts'

/** Rows as a trainer takes them: encoded, in the order of t. */
export interface TrainingTable {
  readonly rows: number
  /** Of each column, as the encoder calls it. */
  readonly featureNames: readonly string[]
  /** One array of `rows` values for each feature; NaN is missing. float32, which is all that a forest ever sees. */
  readonly columns: readonly Float32Array[]
  /** Of binary models 0 or 1. */
  readonly labels: Float64Array
  /** How much each row counts, at least 0; once where absent. */
  readonly weights?: Float64Array
}

/**
 * Rows of a dataset, encoded.
 * @param inTime columns of the encoders with what the rows are at their own t, where that is not what a later row would be
 */
export function trainingTable(
  { columns, labels, weights }: Pick<Dataset, 'columns' | 'labels' | 'weights'>,
  encoder: VectorEncoder,
  { from, to }: RowRange,
  inTime: ReadonlyMap<number, Float64Array> = new Map(),
): TrainingTable {
  const taken = encoder.encodeColumns(columns, from, to)
  for (const [place, { column }] of encoder.values.entries()) {
    const values = inTime.get(column)
    if (values !== undefined) taken[place]!.set(values)
  }
  const featureNames = encoder.values.map(({ name }) => name)
  const table = { rows: to - from, featureNames, columns: taken, labels: labels.slice(from, to) }
  return weights === undefined ? table : { ...table, weights: weights.slice(from, to) }
}
