import { expect, test } from 'vitest'
import { decodeScorer } from '../decode-scorer.ts'
import type { Encoders } from '../encoders.ts'
import { forestOf } from '../forest-builder.ts'
import { encodeForest } from '../forest-codec.ts'
import { encodeLinearModel, type LinearModel } from '../linear-model.ts'
import { decodeExplainer } from './decode-explainer.ts'
import type { Explainer } from './explainer.ts'
import { decodeExplanationPart, encodeExplanationPart } from './explanation-part.ts'
import { measureRows } from './measure-rows.ts'
import { createVectorExplainer } from './vector-explainer.ts'

const featureNames = ['a', 'b']
const scorer = encodeForest(
  forestOf({ objective: 'binary', baseMargin: 0.5, featureNames }, [
    { feature: 0, threshold: 1, defaultLeft: true, left: { value: -1 }, right: { value: 3 } },
  ]),
)
const linear: LinearModel = {
  ...{ featureNames, transform: { kind: 'identity' } },
  intercepts: Float64Array.of(10),
  weights: Float64Array.of(2, -1),
  missingAs: Float64Array.of(0, 4),
}
const rows = [
  [0, 1],
  [Number.NaN, 5],
  [2, Number.NaN],
  [0, 2],
]
const read = (row: number, values: Float64Array): void => values.set(rows[row]!)

function explained(explainer: ReturnType<typeof decodeExplainer>, row: readonly number[]) {
  const { base, outputs, inputs, explainInto } = explainer as Explainer
  const contributions = new Float64Array(outputs * inputs)
  explainInto(Float64Array.from(row), 0, contributions)
  return { base: [...base], contributions: [...contributions] }
}

test('a forest that says nothing of its rows is explained by what was kept beside it, and not without', () => {
  expect(decodeExplainer(scorer, undefined)).toEqual({ because: expect.stringContaining('how many training rows') })
  const part = measureRows(scorer, { rows: rows.length, read })!
  expect(part).toEqual({ kind: 'covers', numbers: Float64Array.of(4, 3, 1) })
  const bytes = encodeExplanationPart(part)
  expect(decodeExplanationPart(bytes)).toEqual(part)
  expect(explained(decodeExplainer(scorer, bytes), [2, 0])).toEqual({ base: [0.5], contributions: [3, 0] })
})

test('a linear model is explained from the means of its inputs, or from what it takes for missing ones', () => {
  const scored = encodeLinearModel(linear)
  expect(explained(decodeExplainer(scored, undefined), [3, 6])).toEqual({ base: [6], contributions: [6, -2] })
  const means = encodeExplanationPart(measureRows(scored, { rows: rows.length, read })!)
  expect(decodeExplanationPart(means).numbers).toEqual(Float64Array.of(0.5, 3))
  expect(explained(decodeExplainer(scored, means), [3, 6])).toEqual({ base: [8], contributions: [5, -3] })
  expect(explained(decodeExplainer(scored, means), [Number.NaN, Number.NaN])).toEqual({
    base: [8],
    contributions: [-1, -1],
  })
})

test('what an input is encoded into adds up to what the input contributes', () => {
  const encoders: Encoders = {
    inputs: [
      { name: 'hour', type: 'int' },
      { name: 'size', type: 'int' },
    ],
    columns: [{ input: 1, encoder: { kind: 'oneHot', categories: [7, 8] } }],
  }
  const vectors = createVectorExplainer(encoders, decodeExplainer(encodeLinearModel(linear), undefined) as Explainer)
  expect(vectors.explain(Float64Array.of(99, 1, 8), 1)).toEqual({ base: 6, contributions: Float64Array.of(0, 3) })
})

test('of two of several classes it says how far the margin of one lies above that of the other', () => {
  const classes: LinearModel = {
    ...{ featureNames, transform: { kind: 'softmax' } },
    intercepts: Float64Array.of(1, 0, -1),
    weights: Float64Array.of(2, -1, 0.5, 3, 0, 1),
    missingAs: Float64Array.of(0, 4),
  }
  const encoders: Encoders = { inputs: featureNames.map((name) => ({ name, type: 'number' })) }
  const bytes = encodeLinearModel(classes)
  const vectors = createVectorExplainer(encoders, decodeExplainer(bytes, undefined) as Explainer)
  const row = Float64Array.of(2, 3)
  const { base, contributions } = vectors.explain(row, 0, 1, 2)
  const [, of, against] = decodeScorer(bytes).scoreRows(row, 1)
  expect(base + contributions[0]! + contributions[1]!).toBeCloseTo(Math.log(of! / against!), 12)
  const alone = [1, 2].map((output) => vectors.explain(row, 0, output).contributions)
  expect(contributions).toEqual(alone[0]!.map((value, input) => value - alone[1]![input]!))
})

test('an explanation of another model, or one that was changed, is refused', () => {
  const covers = (numbers: Float64Array) => encodeExplanationPart({ kind: 'covers', numbers })
  expect(() => decodeExplainer(scorer, covers(new Float64Array(2)))).toThrow('of another forest')
  expect(() => decodeExplainer(encodeLinearModel(linear), covers(new Float64Array(2)))).toThrow('of another model')
  expect(() => decodeExplanationPart(covers(Float64Array.of(1, -1)))).toThrow('a number of it')
  const bytes = covers(Float64Array.of(1, 2))
  bytes[bytes.length - 40]! ^= 1
  expect(() => decodeExplanationPart(bytes)).toThrow('its content does not match its checksum')
})
