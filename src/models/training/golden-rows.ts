import type { GoldenPredictions } from '../inference/golden-predictions.ts'
import type { Dataset } from './dataset.ts'

const MOST_PREDICTIONS = 32

/**
 * Some rows of the test part, spread evenly over it, with what the trained model says of them.
 * @param scores of the rows from `from` on
 */
export function goldenRows(
  { inputs, columns, textOf }: Pick<Dataset, 'inputs' | 'columns' | 'textOf'>,
  scores: Float64Array,
  from: number,
): GoldenPredictions {
  const count = Math.min(MOST_PREDICTIONS, scores.length)
  return {
    inputs: inputs.map(({ name }) => name),
    predictions: Array.from({ length: count }, (_, index) => {
      const row = Math.floor((index * scores.length) / count)
      const values = inputs.map(({ type }, input) => {
        const value = columns[input]![from + row]!
        if (Number.isNaN(value)) return null
        return type === 'string' ? textOf(value)! : value
      })
      return { values, score: scores[row]! }
    }),
  }
}
