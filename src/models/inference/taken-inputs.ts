import type { DataTypeName } from '../../core/data-type.ts'
import { createVectorEncoder, type Encoders, type FittedEncoder } from './encoders.ts'

/** One number that a scorer takes of a row. */
export interface TakenInput {
  /** The input that it is, or what an encoding makes of one, such as `carrier = UA`. */
  readonly name: string
  readonly type: DataTypeName
}

/** What numbers an encoding gives: places and counts, or values of no bound. */
const types: Readonly<Record<FittedEncoder['kind'], DataTypeName>> = {
  ...{ oneHot: 'int', ordinal: 'int', category: 'int', bucket: 'int', target: 'number', scale: 'number' },
}

/**
 * What a scorer takes of a row, in its order.
 * @throws TruelineError `artifact_corrupt` for a column whose input is not there
 */
export function takenInputs(encoders: Encoders): readonly TakenInput[] {
  return createVectorEncoder(encoders).values.map(({ name, input, column }) => {
    const encoder = encoders.columns?.[column]?.encoder
    return { name, type: encoder === undefined ? encoders.inputs[input]!.type : types[encoder.kind] }
  })
}
