import { expect, test } from 'vitest'
import { allAtOnce } from '../../core/slices.ts'
import { above } from '../../language/define/decision.ts'
import type { VectorExplainer } from '../../models/inference/explain/vector-explainer.ts'
import { reasonTexts } from './reason-texts.ts'
import { servedVersion } from './served.fixture.ts'

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
