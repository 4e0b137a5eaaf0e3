import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { measureCohort } from './cohort-metrics.ts'

test('a binary cohort has AUC with an interval, losses and calibration', () => {
  const random = seededRandom(4)
  const scores = Float64Array.from({ length: 4000 }, () => random.next())
  const labels = scores.map((score) => (random.next() < score ? 1 : 0))
  const figures = measureCohort('binary', labels, scores)
  expect(figures.n).toBe(4000)
  expect(figures.metric!.value).toBeCloseTo(5 / 6, 1)
  expect(figures.metric!.low).toBeLessThan(figures.metric!.value)
  expect(figures.metric!.high - figures.metric!.low).toBeLessThan(0.03)
  expect(figures.logLoss).toBeCloseTo(0.5, 1)
  expect(figures.brier).toBeCloseTo(1 / 6, 1)
  expect(figures.calibrationError).toBeLessThan(0.03)
  expect(figures.positives).toBe(labels.reduce((sum, label) => sum + label, 0))
  expect(figures.baseRate).toBe(figures.positives / 4000)
})

test('what is not defined is absent', () => {
  expect(measureCohort('binary', new Float64Array(0), new Float64Array(0))).toEqual({ n: 0, positives: 0 })
  const oneClass = measureCohort('binary', Float64Array.of(1, 1, 1), Float64Array.of(0.2, 0.5, 0.9))
  expect(oneClass.metric).toBeUndefined()
  expect(oneClass).toMatchObject({ n: 3, positives: 3, baseRate: 1 })
  expect(measureCohort('binary', Float64Array.of(0, 1, 2), Float64Array.of(0, 0, 0)).metric).toBeUndefined()
  expect(measureCohort('regression', Float64Array.of(1), Float64Array.of(1)).metric).toBeUndefined()
})

test('scores that are no probabilities are judged by AUC alone', () => {
  const figures = measureCohort('binary', Float64Array.of(0, 1, 0, 1), Float64Array.of(-3, 2, 1, 1))
  expect(figures.metric?.value).toBe(0.875)
  expect(figures.logLoss).toBeUndefined()
  expect(figures.brier).toBeUndefined()
})

test('a perfect separation of few rows is no certainty', () => {
  const figures = measureCohort('binary', Float64Array.of(0, 0, 0, 1, 1), Float64Array.of(0.1, 0.2, 0.3, 0.8, 0.9))
  expect(figures.metric).toMatchObject({ value: 1, high: 1 })
  expect(figures.metric!.low).toBeLessThan(0.1)
})

test('a regression has its root mean squared error with an interval', () => {
  const random = seededRandom(6)
  const labels = Float64Array.from({ length: 2000 }, () => 40 * random.next())
  const scores = labels.map((label) => label + 12 * (random.next() - 0.5))
  const figures = measureCohort('regression', labels, scores)
  expect(figures.metric!.value).toBeCloseTo(12 / Math.sqrt(12), 1)
  expect(figures.metric!.high - figures.metric!.low).toBeLessThan(0.2)
  expect(figures.metric!.low).toBeLessThan(figures.metric!.value)
  expect(figures.logLoss).toBeUndefined()
  expect(measureCohort('regression', labels, labels).metric).toMatchObject({ value: 0, low: 0, high: 0 })
})

test('of several classes the log loss has the interval of a mean, and the likeliest class is right or not', () => {
  const labels = Float64Array.of(0, 1, 2, 2)
  const scores = Float64Array.of(...[0.7, 0.2, 0.1], ...[0.5, 0.3, 0.2], ...[0.1, 0.1, 0.8], ...[0.4, 0.4, 0.2])
  const losses = [0.7, 0.3, 0.8, 0.2].map((probability) => -Math.log(probability))
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / 4
  const deviation = Math.sqrt(losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0) / 3)
  const figures = measureCohort('multiclass', labels, scores)
  expect(figures).toMatchObject({ n: 4, positives: 2, baseRate: 0.5, accuracy: 0.5 })
  expect(figures.meanScore).toBeCloseTo((0.7 + 0.5 + 0.8 + 0.4) / 4, 12)
  expect(figures.logLoss).toBeCloseTo(mean, 12)
  expect(figures.metric!.value).toBeCloseTo(mean, 12)
  expect(figures.metric!.standardError).toBeCloseTo(deviation / 2, 12)
  // Pairs in order: 3 of 3, 2 of 3, and 3.5 of 4, where two are alike.
  expect(figures.macroAuc).toBeCloseTo((1 + 2 / 3 + 3.5 / 4) / 3, 12)
  const withoutOne = measureCohort('multiclass', Float64Array.of(0, 0, 1), scores.subarray(0, 9))
  expect(withoutOne.metric!.value).toBeGreaterThan(0)
  expect(measureCohort('multiclass', new Float64Array(0), new Float64Array(0))).toEqual({ n: 0, positives: 0 })
})
