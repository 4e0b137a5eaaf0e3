import { createVectorEncoder, type Encoders } from '../encoders.ts'
import type { Explainer, MarginUnit } from './explainer.ts'

/** How far each input of a vector moved the margin of a prediction. */
export interface Explanation {
  /** The margin that is expected before anything is known of a row. */
  readonly base: number
  /** Of each input of the vector in order; with `base` they add up to the margin. */
  readonly contributions: Float64Array
}

/** Explains vectors as they are served. */
export interface VectorExplainer {
  /** Of margins, before calibration. */
  readonly unit: MarginUnit
  /**
   * Explains the vector at `offset`; of a model with several outputs one of them, the first unless given, or how far its margin lies
   * above that of another one, `against`: Shapley values of a difference are the differences of Shapley values.
   */
  explain(values: Float64Array, offset: number, output?: number, against?: number): Explanation
}

/**
 * The explainer of vectors of a model. What an input is encoded into adds up to what the input contributes.
 * @throws TruelineError `artifact_corrupt` for a column whose input is not there
 */
export function createVectorExplainer(encoders: Encoders, explainer: Explainer): VectorExplainer {
  const encoder = createVectorEncoder(encoders)
  const width = encoder.values.length
  const encoded = new Float64Array(width)
  const written = new Float64Array(width * explainer.outputs)
  return {
    unit: explainer.unit,
    explain(values, offset, output = 0, against?: number) {
      encoder.encode(values, offset, encoded)
      explainer.explainInto(encoded, 0, written)
      const contributions = new Float64Array(encoders.inputs.length)
      for (let place = 0; place < width; place += 1) {
        const other = against === undefined ? 0 : written[against * width + place]!
        contributions[encoder.values[place]!.input]! += written[output * width + place]! - other
      }
      const base = explainer.base[output]! - (against === undefined ? 0 : explainer.base[against]!)
      return { base, contributions }
    },
  }
}
