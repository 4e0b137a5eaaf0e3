import { expect, test } from 'vitest'
import { decodeReference, PredictionWindow } from './prediction-window.ts'
import { simulateDay, simulatedModel, simulatedReference } from './simulated-model.ts'

const reference = simulatedReference(400, 5)

test('the quantiles of the scores are those of the values, to about a hundredth of the rows', () => {
  const window = new PredictionWindow(decodeReference(reference))
  const rows = simulateDay(3, 3000, 5)
  for (const { values, score } of rows) window.add(values, score)
  const point = window.judgeScores(simulatedModel.monitor, true)!
  const sorted = rows.map(({ score }) => score).sort((a, b) => a - b)
  const shareBelow = (value: number) => sorted.filter((score) => score <= value).length / sorted.length
  expect(shareBelow(point.q10)).toBeCloseTo(0.1, 1.5)
  expect(shareBelow(point.q50)).toBeCloseTo(0.5, 1.5)
  expect(shareBelow(point.q90)).toBeCloseTo(0.9, 1.5)
  expect(point.mean).toBeCloseTo(sorted.reduce((sum, score) => sum + score, 0) / sorted.length, 12)
  expect(point).toMatchObject({ n: 3000, drift: { n: 3000, missing: 0 } })
})

test('without predictions there is nothing to say about scores', () => {
  const window = new PredictionWindow(decodeReference(reference))
  expect(window.judgeScores(simulatedModel.monitor, true)).toBeUndefined()
  expect(window.judgeFeatures(simulatedModel.monitor, true).every(({ verdict }) => verdict === 'insufficient')).toBe(
    true,
  )
})

test('a damaged reference is refused', () => {
  const { score } = reference
  const damaged = { ...reference, score: { ...score, histogram: { ...score.histogram, counts: [1] } } }
  expect(() => decodeReference(damaged)).toThrow(/damaged/)
})
