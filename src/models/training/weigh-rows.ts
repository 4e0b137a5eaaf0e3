import type { WeightsDefinition } from '../../language/define/weights-definition.ts'
import type { Dataset } from './dataset.ts'

/** A stretch of rows: `from` included, `to` not. */
export interface RowRange {
  readonly from: number
  readonly to: number
}

/**
 * How much rows count where they are learnt from: as the model says of its rows, times what it says of their outcomes. Balanced,
 * all outcomes of the training rows count for as much.
 * @param training the rows that are learnt from
 * @param names of the outcomes, in the order in which labels number them
 * @returns undefined where each row counts once
 */
export function weighRows(
  weights: WeightsDefinition | undefined,
  { labels, weights: ofRows }: Pick<Dataset, 'labels' | 'weights'>,
  training: RowRange,
  names: readonly string[] = ['negative', 'positive'],
): Float64Array | undefined {
  const classes = weights?.classes
  if (classes === undefined) return ofRows
  const ofClasses =
    classes === 'balanced' ? balanced(names.length, labels, ofRows, training) : names.map((name) => classes[name]!)
  return labels.map((number, row) => ofClasses[number]! * (ofRows?.[row] ?? 1))
}

/** Of each class that has rows, what makes it count for as much as the others. */
function balanced(
  classes: number,
  labels: Float64Array,
  ofRows: Float64Array | undefined,
  { from, to }: RowRange,
): readonly number[] {
  const others = new Array<number>(classes - 1).fill(0)
  const rows = new Array<number>(classes).fill(0)
  let all = 0
  for (let row = from; row < to; row += 1) {
    const weight = ofRows?.[row] ?? 1
    all += weight
    rows[labels[row]!]! += 1
    if (labels[row]! > 0) others[labels[row]! - 1]! += weight
  }
  // What is left is of the first one, so that the parts make up the whole.
  const first = others.reduce((left, sum) => left - sum, all)
  // Rows of one outcome alone are refused by who learns from them. What is left for one without rows is an error of rounding.
  return [first, ...others].map((sum, number) => (rows[number] === 0 || sum === 0 ? 0 : all / (classes * sum)))
}
