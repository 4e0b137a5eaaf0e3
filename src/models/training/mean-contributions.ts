import type { Encoders } from '../inference/encoders.ts'
import { decodeExplainer } from '../inference/explain/decode-explainer.ts'
import type { MarginUnit } from '../inference/explain/explainer.ts'
import { createVectorExplainer } from '../inference/explain/vector-explainer.ts'

/** How much the inputs of a model matter for what it says of rows that it has not seen. */
export interface MeanContributions {
  /** Rows that were explained. */
  readonly rows: number
  /** Of the numbers: see `MarginUnit`. */
  readonly unit: MarginUnit
  /** Of each input of the vector the mean of its contributions without their sign, most first. */
  readonly features: readonly { readonly feature: string; readonly mean: number }[]
}

/** A row takes milliseconds; the mean over so many is known to a few percent. */
const MOST_ROWS = 200

/**
 * The mean contribution of each input over rows, evenly spread where there are more than 200 (Lundberg et al., "From local explanations to
 * global understanding with explainable AI for trees", 2020).
 * @param columns of the inputs of the encoders, in order
 * @returns undefined without rows, and of a model that cannot be explained
 */
export function meanContributions(
  encoders: Encoders,
  scorer: Uint8Array,
  explanation: Uint8Array | undefined,
  columns: readonly Float64Array[],
): MeanContributions | undefined {
  const rows = columns[0]?.length ?? 0
  const decoded = decodeExplainer(scorer, explanation)
  if (rows === 0 || 'because' in decoded) return undefined
  const explainer = createVectorExplainer(encoders, decoded)
  const taken = Math.min(rows, MOST_ROWS)
  const vector = new Float64Array(columns.length)
  const sums = new Float64Array(columns.length)
  for (let index = 0; index < taken; index += 1) {
    const row = Math.floor((index * rows) / taken)
    for (let input = 0; input < vector.length; input += 1) vector[input] = columns[input]![row]!
    const { contributions } = explainer.explain(vector, 0)
    for (let input = 0; input < sums.length; input += 1) sums[input]! += Math.abs(contributions[input]!)
  }
  const features = encoders.inputs.map(({ name }, input) => ({ feature: name, mean: sums[input]! / taken }))
  return { rows: taken, unit: explainer.unit, features: features.toSorted((a, b) => b.mean - a.mean) }
}
