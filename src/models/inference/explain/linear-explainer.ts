import type { LinearModel } from '../linear-model.ts'
import { type Explainer, unitOf } from './explainer.ts'

/**
 * The explainer of a linear model: weight times how far the input is from its mean, which are the Shapley values where inputs that are
 * not known are their means (Lundberg and Lee, "A Unified Approach to Interpreting Model Predictions", 2017, corollary 1).
 * @param means of the inputs over training rows, missing ones taken as the model takes them
 */
export function createLinearExplainer(
  { intercepts, weights, missingAs, transform }: LinearModel,
  means: Float64Array,
): Explainer {
  const outputs = intercepts.length
  const inputs = missingAs.length
  const base = intercepts.map((intercept, output) =>
    means.reduce((sum, mean, input) => sum + mean * weights[output * inputs + input]!, intercept),
  )
  return {
    ...{ inputs, outputs, base, unit: unitOf(transform) },
    explainInto(values, offset, contributions) {
      for (let output = 0; output < outputs; output += 1)
        for (let input = 0; input < inputs; input += 1) {
          const value = values[offset + input]!
          const known = Number.isNaN(value) ? missingAs[input]! : value
          contributions[output * inputs + input] = weights[output * inputs + input]! * (known - means[input]!)
        }
    },
  }
}
