import { expect, test } from 'vitest'
import { allAtOnce } from '../../core/slices.ts'
import { above } from '../../language/define/decision.ts'
import type { VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { reasonTexts } from './reason-texts.ts'
import { servedVersion } from './served.fixture.ts'

test('of several classes the text is that of the margin between two of them', () => {
  const { model, plan } = servedVersion(1, 5)
  const classes = ['gone', 'lent', 'kept']
  const explainer: VectorExplainer = {
    unit: 'margin',
    explain: (_values, _offset, output = 0, against = 9) => ({
      base: 0,
      contributions: Float64Array.of(10 * output + against + 1),
    }),
  }
  const outcomes = {
    scores: Float64Array.of(0.6, 0.5),
    probabilities: Float64Array.of(0.6, 0.1, 0.3, 0.25, 0.5, 0.25),
    codes: Uint16Array.of(0, 1),
    verdicts: classes.slice(0, 2).map((decision) => ({ decision, decidedBy: undefined })),
  }
  const { decision, ...serve } = { ...model.serve, adverse: { decisions: ['gone', 'lent'] } }
  const served = { model: { ...model, serve, label: { ...model.label, classes } }, plan }
  const texts = allAtOnce(reasonTexts(served, explainer, [Float64Array.of(7, 8)], outcomes))
  expect(texts.map((text) => JSON.parse(text))).toEqual([
    [{ code: 'raised_by', feature: 'pages', contribution: 3, against: 'kept' }],
    [{ code: 'raised_by', feature: 'pages', contribution: 13, against: 'kept' }],
  ])
})

test('a row that cannot be explained says so, and those beside it their reasons', () => {
  const { model, plan } = servedVersion(1, 5)
  const serve = { ...model.serve, decision: above(0.5, 'help', 'leave'), adverse: { decisions: ['help'] } }
  const explainer: VectorExplainer = {
    unit: 'log_odds',
    explain(values) {
      if (values[0] === 7) throw new Error('Seven is too much.')
      return { base: 0, contributions: Float64Array.of(1) }
    },
  }
  const outcomes = {
    scores: Float64Array.of(0.9, 0.9),
    codes: new Uint16Array(2),
    verdicts: [{ decision: 'help', decidedBy: undefined }],
  }
  const served = { model: { ...model, serve }, plan }
  const texts = allAtOnce(reasonTexts(served, explainer, [Float64Array.of(7, 8)], outcomes))
  expect(texts.map((text) => JSON.parse(text))).toEqual([
    [{ code: 'explanation_unavailable', text: 'Seven is too much.' }],
    [{ code: 'raised_by', feature: 'pages', contribution: 1 }],
  ])
})
