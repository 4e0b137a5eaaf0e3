import { expect, test } from 'vitest'
import { brierScore } from './brier-score.ts'
import { logLoss } from './log-loss.ts'
import { type MetricName, metrics } from './metrics.ts'
import { meanAbsoluteError, rootMeanSquaredError, rSquared } from './regression.ts'

// Examples of the scikit-learn manual.
const spam = { labels: Uint8Array.of(1, 0, 0, 1), probabilities: Float64Array.of(0.9, 0.1, 0.2, 0.65) }
const brier = { labels: Uint8Array.of(0, 1, 1, 0), probabilities: Float64Array.of(0.1, 0.9, 0.8, 0.3) }
const values = { labels: Float64Array.of(3, -0.5, 2, 7), predictions: Float64Array.of(2.5, 0, 2, 8) }

test('the published examples', () => {
  expect(logLoss(spam.labels, spam.probabilities)).toBeCloseTo(0.21616, 5)
  expect(brierScore(brier.labels, brier.probabilities)).toBeCloseTo(0.0375, 12)
  expect(rootMeanSquaredError(values.labels, values.predictions)).toBeCloseTo(0.6124, 4)
  expect(meanAbsoluteError(values.labels, values.predictions)).toBe(0.5)
  expect(rSquared(values.labels, values.predictions)).toBeCloseTo(0.9486, 4)
})

test('a wrong certainty costs much but not infinity, a right one nothing', () => {
  expect(logLoss(Uint8Array.of(1), Float64Array.of(0))).toBeCloseTo(34.54, 2)
  expect(logLoss(Uint8Array.of(0), Float64Array.of(0))).toBeCloseTo(0, 12)
})

test('the share of explained variance is 0 for the mean, negative below, undefined for a constant label', () => {
  expect(rSquared(Float64Array.of(1, 2, 3), Float64Array.of(2, 2, 2))).toBe(0)
  expect(rSquared(Float64Array.of(1, 2, 3), Float64Array.of(3, 2, 1))).toBe(-3)
  expect(rSquared(Float64Array.of(4, 4), Float64Array.of(4, 4))).toBeUndefined()
})

test('probabilities outside 0 to 1 are refused', () => {
  expect(() => logLoss(Uint8Array.of(1), Float64Array.of(1.01))).toThrow(/Prediction 0 is 1.01/)
  expect(() => brierScore(Uint8Array.of(1), Float64Array.of(-0.01))).toThrow(/Prediction 0 is -0.01/)
})

const single = (Object.keys(metrics) as MetricName[]).filter((name) => metrics[name].tasks[0] !== 'multiclass')

test.each(single)('%s: weights count rows, and no rows give no value', (name) => {
  const labels = Uint8Array.of(0, 1, 1, 0)
  const predictions = Float64Array.of(0.3, 0.6, 0.2, 0.1)
  const rows = [0, 1, 1, 2, 2, 2]
  const repeated = metrics[name].prepare(
    Uint8Array.from(rows, (row) => labels[row]!),
    Float64Array.from(rows, (row) => predictions[row]!),
  )
  const weighted = metrics[name].prepare(labels, predictions)
  expect(weighted(Uint8Array.of(1, 2, 3, 0))).toBeCloseTo(repeated()!, 12)
  expect(weighted(new Uint8Array(4))).toBeUndefined()
  expect(metrics[name].prepare(new Uint8Array(0), new Float64Array(0))()).toBeUndefined()
})

test.each(single)('%s: a better prediction is on the better side', (name) => {
  const labels = Uint8Array.of(0, 1, 1, 0)
  const good = metrics[name].prepare(labels, Float64Array.of(0.1, 0.9, 0.8, 0.2))()!
  const poor = metrics[name].prepare(labels, Float64Array.of(0.6, 0.5, 0.4, 0.2))()!
  expect(metrics[name].better === 'higher' ? good > poor : good < poor).toBe(true)
})
