import type { LinearModel } from '../linear-model.ts'
import { fileFault, notScored } from './foreign-model.ts'
import type { OnnxNode } from './onnx-graph.ts'

/** What may stand before a linear model: what fills in missing values, and behind it what scales them. */
export interface LinearBefore {
  readonly imputer: OnnxNode | undefined
  readonly scaler: OnnxNode | undefined
}

/**
 * The linear model of a LinearClassifier or LinearRegressor of ai.onnx.ml, with the Scaler and the Imputer before it, if there are any. Sums are in
 * double here, and in float32 in onnxruntime. What is missing is what the imputer says; without one it adds nothing: with a scaler it is taken as
 * its offset, else as 0.
 * Of a classifier of two classes it gives the score of the second one, of more a score for each.
 * @throws TruelineError `model_file_invalid`, `unsupported_model`
 */
export function linearOfOnnx(
  { operator, attributes }: OnnxNode,
  { scaler, imputer }: LinearBefore,
  names: readonly string[],
): LinearModel {
  const inputs = names.length
  const coefficients = attributes.get('coefficients')?.numbers ?? []
  const classifies = operator === 'LinearClassifier'
  const post = attributes.get('post_transform')?.text || 'NONE'
  const rows = coefficients.length / inputs
  const labels =
    (attributes.get('classlabels_ints')?.integers.length ?? 0) +
    (attributes.get('classlabels_strings')?.texts.length ?? 0)
  if (!Number.isInteger(rows) || rows < 1)
    throw fileFault('onnx', `it has ${coefficients.length} coefficients for ${inputs} inputs`)
  const given = attributes.get('intercepts')?.numbers ?? []
  const all = given.length === 0 ? Array<number>(rows).fill(0) : given
  if (all.length !== rows) throw fileFault('onnx', `it has ${all.length} intercepts for ${rows} outputs`)
  // onnxruntime leaves the second score as it finds it: what was in memory.
  if (classifies && rows === 1 && post === 'PROBIT')
    throw fileFault('onnx', `it has the score of one class with ${post}`)
  const transform = transformOf(classifies ? labels : 0, rows, post)
  if (transform === undefined)
    throw notScored('onnx', `a ${operator} of ${classifies ? labels : rows} outputs with ${post}`)
  const from = transform.kind === 'sigmoid' ? rows - 1 : 0
  const { offsets, scales } = scalingOf(scaler, inputs)
  const weights = Float64Array.from(
    { length: (rows - from) * inputs },
    (_, place) => coefficients[from * inputs + place]! * scales[place % inputs]!,
  )
  const intercepts = Float64Array.from(all.slice(from), (intercept, output) =>
    weights
      .subarray(output * inputs, (output + 1) * inputs)
      .reduce((sum, weight, input) => sum - weight * offsets[input]!, intercept),
  )
  const missingAs = imputer === undefined ? offsets : imputedOf(imputer, inputs)
  if (![...intercepts, ...weights, ...missingAs].every((value) => Number.isFinite(value)))
    throw fileFault('onnx', 'a number of it is not finite')
  return { featureNames: names, transform, intercepts, weights, missingAs }
}

/**
 * What makes scores of the margins of a line; undefined for what is not scored.
 * @param labels of a classifier how many classes there are, else 0
 * @param rows of coefficients
 */
function transformOf(labels: number, rows: number, post: string): LinearModel['transform'] | undefined {
  if (labels === 0) return post === 'NONE' ? { kind: 'identity' } : undefined
  if (labels === 2 && rows <= 2 && post === 'LOGISTIC') return { kind: 'sigmoid', slope: 1 }
  return labels > 2 && rows === labels && post === 'SOFTMAX' ? { kind: 'softmax' } : undefined
}

/** What each input is taken as where it is missing; one for each, or one for all. */
function imputedOf({ attributes }: OnnxNode, inputs: number): Float64Array {
  const replaced = attributes.get('replaced_value_float')?.numbers[0] ?? 0
  if (!Number.isNaN(replaced)) throw notScored('onnx', `an Imputer of ${replaced}, which is not what is missing`)
  const given = attributes.get('imputed_value_floats')?.numbers ?? []
  if (given.length !== 1 && given.length !== inputs)
    throw fileFault('onnx', `its Imputer has ${given.length} numbers for ${inputs} inputs`)
  return Float64Array.from({ length: inputs }, (_, input) => given[given.length === 1 ? 0 : input]!)
}

/** One offset and scale for each input, or one for all. */
function scalingOf(scaler: OnnxNode | undefined, inputs: number): { offsets: Float64Array; scales: Float64Array } {
  const column = (name: string, otherwise: number): Float64Array => {
    const given = scaler?.attributes.get(name)?.numbers ?? []
    if (given.length > 1 && given.length !== inputs)
      throw fileFault('onnx', `its '${name}' has ${given.length} numbers for ${inputs} inputs`)
    return Float64Array.from({ length: inputs }, (_, input) =>
      given.length > 1 ? given[input]! : (given[0] ?? otherwise),
    )
  }
  return { offsets: column('offset', 0), scales: column('scale', 1) }
}
