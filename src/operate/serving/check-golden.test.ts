import { expect, test } from 'vitest'
import { textCode } from '../../core/text-code.ts'
import { vectorOf } from '../../models/inference/golden-predictions.ts'
import { checkGolden } from './check-golden.ts'
import { servedVersion } from './served.fixture.ts'

const inputs = ['pages']
const served = servedVersion(1, 10)
const scoreOf = (pages: number): number => served.scorer.scoreRow(Float64Array.of(pages), 0)

test('a version that gives what it gave when it was trained may serve', () => {
  const predictions = [3, 10, 400].map((pages) => ({ values: [pages], score: scoreOf(pages) }))
  const missing = { values: [null], score: scoreOf(Number.NaN) }
  expect(() => checkGolden(served, { inputs, predictions: [...predictions, missing] })).not.toThrow()
})

test('a score that is off by the last bit keeps a version from serving, and says where', () => {
  const score = scoreOf(3) * (1 + Number.EPSILON)
  expect(() => checkGolden(served, { inputs, predictions: [{ values: [3], score }] })).toThrow(
    expect.objectContaining({ code: 'golden_mismatch', path: 'buys v1', message: expect.stringContaining(`${score}`) }),
  )
})

test('a text is the code that vectors have of it, and null is missing', () => {
  expect(vectorOf({ values: [1.5, 'ORD', null], score: 0 })).toEqual(Float64Array.of(1.5, textCode('ORD'), Number.NaN))
})
