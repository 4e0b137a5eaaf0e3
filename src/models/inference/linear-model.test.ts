import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { sigmoid } from '../../core/math/exp.ts'
import { decodeScorer } from './decode-scorer.ts'
import { forestOf } from './forest-builder.ts'
import { encodeForest } from './forest-codec.ts'
import { createLinearScorer, decodeLinearModel, encodeLinearModel, type LinearModel } from './linear-model.ts'

const logistic: LinearModel = {
  featureNames: ['hour', 'délai'],
  transform: { kind: 'sigmoid', slope: 1 },
  intercepts: Float64Array.of(0.1),
  weights: Float64Array.of(2, -0.3),
  missingAs: Float64Array.of(12, 0),
}
const classes: LinearModel = {
  ...logistic,
  transform: { kind: 'softmax' },
  intercepts: Float64Array.of(0, 1, 2),
  weights: Float64Array.of(1, 0, 0, 1, -1, -1),
}
const rows = Float64Array.of(1, 10, Number.NaN, 10, 3, Number.NaN)

test('rows are scored alike one by one, together and in columns', () => {
  const scorer = createLinearScorer(logistic)
  const margins = [0.1 + 2 + 10 * -0.3, 0.1 + 24 + 10 * -0.3, 0.1 + 6 + 0]
  expect([0, 2, 4].map((offset) => scorer.marginRow(rows, offset))).toEqual(margins)
  expect([0, 2, 4].map((offset) => scorer.scoreRow(rows, offset))).toEqual(margins.map(sigmoid))
  expect([...scorer.scoreRows(rows, 3)]).toEqual(margins.map(sigmoid))
  const columns = [0, 1].map((input) => Float64Array.from({ length: 3 }, (_, row) => rows[2 * row + input]!))
  expect(scorer.scoreColumns(columns, 3)).toEqual(scorer.scoreRows(rows, 3))
  expect([scorer.inputs, scorer.outputs]).toEqual([2, 1])
})

test('a model of several classes gives a share to each', () => {
  const scorer = createLinearScorer(classes)
  const scores = scorer.scoreRows(rows, 3)
  expect(scores).toHaveLength(9)
  const powers = [1, 11, -9].map(Math.exp)
  const total = powers.reduce((sum, power) => sum + power, 0)
  powers.forEach((power, output) => {
    expect(scores[output]).toBeCloseTo(power / total, 14)
  })
  expect(scorer.scoreRow(rows, 0)).toBe(scores[0])
})

test('what is missing is taken as the model says, in margins of plain linear models, too', () => {
  const scorer = createLinearScorer({ ...logistic, transform: { kind: 'identity' } })
  expect(scorer.scoreRow(Float64Array.of(Number.NaN, Number.NaN), 0)).toBe(0.1 + 24)
})

test('a linear model survives encoding, and its bytes do not depend on the host', () => {
  for (const model of [logistic, classes]) expect(decodeLinearModel(encodeLinearModel(model))).toEqual(model)
  const digest = createHash('sha256').update(encodeLinearModel(logistic)).digest('hex')
  expect(digest).toBe('9862ac5dd867eea4113ccd0d3fd4ec2ff8fadb0e8587e90566632bc7458aca43')
})

test('bytes that are cut or changed anywhere are refused by code', () => {
  const bytes = encodeLinearModel(logistic)
  const refused = expect.objectContaining({ code: 'artifact_corrupt' })
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeLinearModel(bytes.subarray(0, length))).toThrow(refused)
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = bytes.slice()
    changed[at]! ^= 1
    expect(() => decodeLinearModel(changed)).toThrow(refused)
  }
  const wrong = [
    { ...logistic, weights: Float64Array.of(1, Number.NaN) },
    { ...logistic, weights: Float64Array.of(1) },
    { ...logistic, intercepts: new Float64Array(0) },
    { ...logistic, transform: { kind: 'cubic' } },
    { ...logistic, featureNames: [1, 2] },
  ]
  for (const model of wrong) expect(() => decodeLinearModel(encodeLinearModel(model as LinearModel))).toThrow(refused)
})

test('the scorer in bytes is that of the kind of model that they are of', () => {
  const forest = forestOf({ objective: 'regression', baseMargin: 2, featureNames: ['a'] }, [{ value: 1 }])
  expect(decodeScorer(encodeForest(forest)).scoreRow(Float64Array.of(0), 0)).toBe(3)
  expect(decodeScorer(encodeLinearModel(logistic)).marginRow(rows, 0)).toBe(0.1 + 2 + 10 * -0.3)
  for (const wrong of [
    new Uint8Array(0),
    new TextEncoder().encode('TLOTHERS and more'),
    encodeForest(forest).subarray(0, 60),
  ])
    expect(() => decodeScorer(wrong)).toThrow(expect.objectContaining({ code: 'artifact_corrupt' }))
})
