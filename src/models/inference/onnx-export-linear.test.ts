import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { readModelFile } from './formats/read-model-file.ts'
import { createLinearScorer, type LinearModel } from './linear-model.ts'
import { exportLinearOnnx } from './onnx-export-linear.ts'

const logistic: LinearModel = {
  featureNames: ['hour', 'delay'],
  transform: { kind: 'sigmoid', slope: 1 },
  intercepts: Float64Array.of(0.1),
  weights: Float64Array.of(0.2, -0.3),
  missingAs: Float64Array.of(12, -1),
}
const rows = Float32Array.of(1, 10, Number.NaN, 10, 3, Number.NaN, Number.NaN, Number.NaN)

test.each([logistic, { ...logistic, transform: { kind: 'identity' } as const }])(
  'onnxruntime gives the scores of a model, missing values included',
  async (model) => {
    const session = await InferenceSession.create(exportLinearOnnx(model))
    const answer = await session.run({ features: new Tensor('float32', rows, [4, 2]) })
    const scores = answer[model.transform.kind === 'sigmoid' ? 'probability' : 'margin']?.data as Float32Array
    const ours = createLinearScorer(model).scoreRows(Float64Array.from(rows), 4)
    for (const [row, score] of ours.entries()) expect(scores[row]).toBeCloseTo(score, 6)
    await session.release()
  },
)

test('what is exported is read again as the same model, in float32', () => {
  const { model } = readModelFile(exportLinearOnnx(logistic))
  const rounded = (values: Float64Array) => Float64Array.from(values, Math.fround)
  const { intercepts, weights, missingAs } = logistic
  const same = { intercepts: rounded(intercepts), weights: rounded(weights), missingAs: rounded(missingAs) }
  expect(model).toEqual({ kind: 'linear', linear: { ...logistic, ...same } })
})

const classes: LinearModel = {
  ...logistic,
  transform: { kind: 'softmax' },
  intercepts: Float64Array.of(0.1, -0.5, 0.4),
  weights: Float64Array.of(0.2, -0.3, 0.05, 0.1, -0.25, 0),
}

test('of several classes onnxruntime gives a probability for each, and it is read again as the same', async () => {
  const bytes = exportLinearOnnx(classes, undefined, ['a', 'b', 'c'])
  const session = await InferenceSession.create(bytes)
  const answer = await session.run({ features: new Tensor('float32', rows, [4, 2]) })
  await session.release()
  const ours = createLinearScorer(classes).scoreRows(Float64Array.from(rows), 4)
  const scores = answer['probability']?.data as Float32Array
  for (const [place, score] of ours.entries()) expect(scores[place]).toBeCloseTo(score, 6)
  const { model } = readModelFile(bytes)
  expect(model).toMatchObject({ kind: 'linear', linear: { transform: { kind: 'softmax' } } })
})

test('a model of several numbers, or of another transform, is refused', () => {
  for (const model of [
    { ...classes, transform: { kind: 'identity' } },
    { ...logistic, transform: { kind: 'softmax' } },
  ] as const)
    expect(() => exportLinearOnnx(model)).toThrow(expect.objectContaining({ code: 'unsupported_model' }))
})
