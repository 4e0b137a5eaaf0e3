import { textCode } from '../../core/text-code.ts'

/**
 * Predictions that a version made when it was trained. Whatever loads it must get the same bits: another processor,
 * another version of node or a damaged copy shows before anything is served.
 */
export interface GoldenPredictions {
  /** Names of the inputs, in the order of the vector. */
  readonly inputs: readonly string[]
  readonly predictions: readonly GoldenPrediction[]
}

export interface GoldenPrediction {
  /** The vector: null is missing. */
  readonly values: readonly (number | string | null)[]
  /** Of a model of several classes the probability of the likeliest one, beside those of all. */
  readonly score: number
  readonly probabilities?: readonly number[]
}

/** The vector of a golden prediction as scorers take it. */
export function vectorOf({ values }: GoldenPrediction): Float64Array {
  return Float64Array.from(values, (value) => (typeof value === 'string' ? textCode(value) : (value ?? Number.NaN)))
}
