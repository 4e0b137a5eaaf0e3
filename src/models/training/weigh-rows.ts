import type { WeightsDefinition } from '../../language/define/weights-definition.ts'
import type { Dataset } from './dataset.ts'

/** A stretch of rows: `from` included, `to` not. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/**
 * How much rows count where they are learnt from: as the model says of its rows, times what it says of their outcomes. Balanced,
 * both outcomes of the training rows count for half of them.
 * @param training the rows that are learnt from
 * @returns undefined where each row counts once
 */
export function weighRows(
  weights: WeightsDefinition | undefined,
  { labels, weights: ofRows }: Pick<Dataset, 'labels' | 'weights'>,
  training: RowRange,
): Float64Array | undefined {
  const classes = weights?.classes
  if (classes === undefined) return ofRows
  const { positive = 1, negative = 1 } = classes === 'balanced' ? balanced(labels, ofRows, training) : classes
  return labels.map((label, row) => (label === 1 ? positive : negative) * (ofRows?.[row] ?? 1))
}

function balanced(labels: Float64Array, ofRows: Float64Array | undefined, { from, to }: RowRange) {
  let positive = 0
  let all = 0
  for (let row = from; row < to; row += 1) {
    const weight = ofRows?.[row] ?? 1
    all += weight
    if (labels[row] === 1) positive += weight
  }
  // Rows of one outcome alone are refused by who learns from them.
  const share = (weight: number): number => (weight === 0 ? 0 : all / (2 * weight))
  return { positive: share(positive), negative: share(all - positive) }
}
