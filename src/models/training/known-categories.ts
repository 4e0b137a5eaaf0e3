import { TruelineError } from '../../core/errors.ts'
import { createVectorEncoder, type Encoders } from '../inference/encoders.ts'

/**
 * Refuses categories that a file lists of an input whose values are others: the file means another column, as one of LightGBM may,
 * which lists categories in the order of the columns and does not say which columns they are of.
 * @param listed places of the columns whose categories the file lists
 * @param values of a dataset, in the order of the inputs
 * @throws TruelineError `inputs_unmatched` where more than half of the values of an input are none of its categories
 */
export function requireKnownCategories(
  { inputs, columns = [] }: Encoders,
  listed: readonly number[],
  values: readonly Float64Array[],
): void {
  for (const column of listed.map((at) => columns[at]!)) {
    if (column.encoder?.kind !== 'ordinal') continue
    const { encode } = createVectorEncoder({ inputs, columns: [column] })
    const row = new Float64Array(inputs.length)
    const place = new Float64Array(1)
    let present = 0
    let unknown = 0
    for (const value of values[column.input]!) {
      if (Number.isNaN(value)) continue
      row[column.input] = value
      encode(row, 0, place)
      present += 1
      if (place[0] === -1) unknown += 1
    }
    if (2 * unknown <= present) continue
    const { name } = inputs[column.input]!
    throw new TruelineError(
      'inputs_unmatched',
      `Of ${present} values of '${name}' in the dataset ${unknown} are none of the ${column.encoder.categories.length} categories that the file lists for it, which may be those of another column.`,
      {
        path: 'inputs',
        remedy:
          'Train it on a frame whose only columns of categories are those that the model takes as such, none of them ordered; numbers can be given as they are, in categorical_feature.',
      },
    )
  }
}
