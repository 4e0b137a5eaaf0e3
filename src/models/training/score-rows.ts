import { createVectorScorer, type Encoders } from '../inference/encoders.ts'
import type { Scorer } from '../inference/scorer.ts'
import type { RivalColumns } from './rival-columns.ts'

/** Scores of the rows from `from` on, by a model that reads some of their inputs. */
export function scoreRows(
  encoders: Encoders,
  model: Scorer,
  { inputs, columns }: RivalColumns,
  from: number,
): Float64Array {
  const scorer = createVectorScorer(encoders, model)
  const taken = encoders.inputs.map(({ name }) => columns[inputs.findIndex((input) => input.name === name)]!)
  return scorer.scoreColumns(
    taken.map((column) => column.subarray(from)),
    columns[0]!.length - from,
  )
}
