import { canonicalJson } from '../../core/canonical.ts'
import { digestOf } from '../../core/digest.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Encoders } from './encoders.ts'
import { encodeLinearModel, type LinearModel } from './linear-model.ts'
import { float, floats, int, node, writeOnnx } from './onnx-writer.ts'
import { join } from './protobuf.ts'

/**
 * A linear or logistic model as the bytes of an ONNX model with the same inputs and outputs as `exportOnnx` gives a forest:
 * `features` (float32, rows x inputs, NaN for missing), `margin` (float32, rows x 1) and of a logistic model `probability`.
 *
 * Sums are float32 there and double here, so that inputs whose mean is far from 0 for their spread lose digits: encode those by a scale.
 *
 * @throws TruelineError `unsupported_model` for a model of several outputs, or of another transform
 *
 * Format: onnx.proto of https://github.com/onnx/onnx, operators ai.onnx.ml.Imputer and ai.onnx.ml.LinearRegressor.
 */
export function exportLinearOnnx(model: LinearModel, encoders?: Encoders): Uint8Array {
  const { featureNames, transform, intercepts, weights, missingAs } = model
  const binary = transform.kind === 'sigmoid' && transform.slope === 1
  if (intercepts.length !== 1 || !(binary || transform.kind === 'identity'))
    throw new TruelineError('unsupported_model', 'Only linear models of one number, and logistic ones, become ONNX.')
  const imputer = join([
    node('Imputer', 'features', 'present', 'ai.onnx.ml'),
    floats('imputed_value_floats', Float32Array.from(missingAs)),
    float('replaced_value_float', Number.NaN),
  ])
  const regressor = join([
    node('LinearRegressor', 'present', 'margin', 'ai.onnx.ml'),
    floats('coefficients', Float32Array.from(weights)),
    floats('intercepts', Float32Array.from(intercepts)),
    int('targets', 1),
  ])
  return writeOnnx({
    name: 'linear',
    nodes: [imputer, regressor, ...(binary ? [node('Sigmoid', 'margin', 'probability', '')] : [])],
    input: { name: 'features', columns: featureNames.length },
    outputs: ['margin', ...(binary ? ['probability'] : [])].map((name) => ({ name, columns: 1 })),
    metadata: {
      objective: binary ? 'binary' : 'regression',
      features: JSON.stringify(featureNames),
      linear: digestOf(encodeLinearModel(model)),
      ...(encoders?.columns === undefined ? {} : { encoders: canonicalJson(encoders) }),
    },
  })
}
