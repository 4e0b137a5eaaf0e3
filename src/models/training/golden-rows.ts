import type { GoldenPredictions } from '../inference/golden-predictions.ts'
import type { Dataset } from './dataset.ts'

const MOST_PREDICTIONS = 32

/**
 * Some rows of the test part, spread evenly over it, with what the trained model says of them.
 * @param scores of the rows from `from` on, of each `outputs`
 */
export function goldenRows(
  { inputs, columns, textOf }: Pick<Dataset, 'inputs' | 'columns' | 'textOf'>,
  scores: Float64Array,
  from: number,
  outputs = 1,
): GoldenPredictions {
  const rows = scores.length / outputs
  const count = Math.min(MOST_PREDICTIONS, rows)
  return {
    inputs: inputs.map(({ name }) => name),
    predictions: Array.from({ length: count }, (_, index) => {
      const row = Math.floor((index * rows) / count)
      const values = inputs.map(({ type }, input) => {
        const value = columns[input]![from + row]!
        if (Number.isNaN(value)) return null
        return type === 'string' ? textOf(value)! : value
      })
      const ofRow = scores.subarray(row * outputs, (row + 1) * outputs)
      return outputs === 1
        ? { values, score: ofRow[0]! }
        : { values, score: Math.max(...ofRow), probabilities: Array.from(ofRow) }
    }),
  }
}
