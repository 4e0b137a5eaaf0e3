import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Task } from '../../language/define/task.ts'
import type { Encoders } from './encoders.ts'
import { encodeLinearModel, type LinearModel } from './linear-model.ts'
import { float, floats, int, node, writeOnnx } from './onnx-writer.ts'
import { join } from './protobuf.ts'

/**
 * A linear or logistic model as the bytes of an ONNX model with the same inputs and outputs as `exportOnnx` gives a forest:
 * `features` (float32, rows x inputs, NaN for missing), `margin` (float32, rows x 1, or x classes) and of a logistic model, or of one of several
 * classes, `probability`.
 *
 * Sums are float32 there and double here, so that inputs whose mean is far from 0 for their spread lose digits: encode those by a scale.
 *
 * @param classes names of the outputs, where they are several: in the metadata `classes`, as JSON
 * @throws TruelineError `unsupported_model` for a model of another transform
 *
 * Format: onnx.proto of https://github.com/onnx/onnx, operators ai.onnx.ml.Imputer and ai.onnx.ml.LinearRegressor.
 */
export function exportLinearOnnx(model: LinearModel, encoders?: Encoders, classes?: readonly string[]): Uint8Array {
  const { featureNames, intercepts, weights, missingAs } = model
  const meaning = meaningOf(model)
  if (meaning === undefined)
    throw new TruelineError('unsupported_model', 'Only linear models of one number, and logistic ones, become ONNX.')
  const { objective, operator } = meaning
  const imputer = join([
    node('Imputer', 'features', 'present', 'ai.onnx.ml'),
    floats('imputed_value_floats', Float32Array.from(missingAs)),
    float('replaced_value_float', Number.NaN),
  ])
  const regressor = join([
    node('LinearRegressor', 'present', 'margin', 'ai.onnx.ml'),
    floats('coefficients', Float32Array.from(weights)),
    floats('intercepts', Float32Array.from(intercepts)),
    int('targets', intercepts.length),
  ])
  return writeOnnx({
    name: 'linear',
    nodes: [imputer, regressor, ...(operator === undefined ? [] : [node(operator, 'margin', 'probability', '')])],
    input: { name: 'features', columns: featureNames.length },
    outputs: ['margin', ...(operator === undefined ? [] : ['probability'])].map((name) => ({
      ...{ name, columns: intercepts.length },
    })),
    metadata: {
      objective,
      features: JSON.stringify(featureNames),
      linear: digestOf(encodeLinearModel(model)),
      ...(encoders?.columns === undefined ? {} : { encoders: canonicalJson(encoders) }),
      ...(classes === undefined ? {} : { classes: JSON.stringify(classes) }),
    },
  })
}

/** What scores are, and the operator that makes them of margins. */
function meaningOf({
  transform,
  intercepts,
}: LinearModel): { readonly objective: Task; readonly operator?: string } | undefined {
  if (transform.kind === 'softmax' && intercepts.length > 1) return { objective: 'multiclass', operator: 'Softmax' }
  if (intercepts.length > 1) return undefined
  if (transform.kind === 'sigmoid' && transform.slope === 1) return { objective: 'binary', operator: 'Sigmoid' }
  return transform.kind === 'identity' ? { objective: 'regression' } : undefined
}
