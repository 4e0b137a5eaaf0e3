import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { likeliestAnswers } from '../../stats/metrics/class-probabilities.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { calibrated } from '../inference/calibration.ts'
import { calibrateScores } from './calibrate-scores.ts'

const classes = ['late', 'damaged', 'fine']
const VALIDATION = 4000
const ROWS = 8000

/** Rows of three classes, and probabilities of them that are too sure of themselves. */
function overconfident(): { readonly labels: Float64Array; readonly raw: Float64Array } {
  const random = seededRandom(4)
  const labels = new Float64Array(ROWS)
  const raw = new Float64Array(ROWS * 3)
  for (let row = 0; row < ROWS; row += 1) {
    const weights = [random.next() + 0.1, random.next() + 0.1, random.next() + 0.1]
    const drawn = random.next() * (weights[0]! + weights[1]! + weights[2]!)
    labels[row] = drawn < weights[0]! ? 0 : drawn < weights[0]! + weights[1]! ? 1 : 2
    const sharp = weights.map((weight) => weight ** 3)
    const sum = sharp[0]! + sharp[1]! + sharp[2]!
    raw.set(
      sharp.map((one) => one / sum),
      row * 3,
    )
  }
  return { labels, raw }
}

test.each(['temperature', 'platt', 'isotonic'] as const)(
  '%s makes the probabilities of several classes ones to believe, on rows that it was not fitted on',
  (method) => {
    const { labels, raw } = overconfident()
    const found = calibrateScores(method, labels, raw, { all: VALIDATION, fit: VALIDATION }, classes)
    const { right, scores } = likeliestAnswers(labels.subarray(VALIDATION), found.scores, 3)
    const error = expectedCalibrationError(reliabilityCurve(right, scores))!
    expect(found.uncalibrated!.error).toBeGreaterThan(0.1)
    expect(error).toBeLessThan(0.03)
    expect(found.scores).toEqual(calibrated(found.calibration, raw.subarray(VALIDATION * 3), 3))
  },
)

test('a calibration is fitted on the rows it is told alone', () => {
  const { labels, raw } = overconfident()
  const fit = { all: VALIDATION, fit: 3000 }
  const { calibration } = calibrateScores('temperature', labels, raw, fit, classes)
  const others = raw.slice().fill(1 / 3, 9000)
  expect(calibrateScores('temperature', labels, others, fit, classes).calibration).toEqual(calibration)
})

test('a class without validation rows is refused by its name where each is calibrated against the rest', () => {
  const labels = Float64Array.of(0, 0, 2, 1)
  const raw = Float64Array.of(0.5, 0.3, 0.2, 0.4, 0.4, 0.2, 0.1, 0.1, 0.8, 0.2, 0.2, 0.6)
  const one = (method: 'platt' | 'temperature') => () =>
    calibrateScores(method, labels, raw, { all: 3, fit: 3 }, classes)
  expect(one('platt')).toThrow(
    expect.objectContaining({
      code: 'single_class',
      message: expect.stringContaining("No validation row is 'damaged'"),
      remedy: expect.stringContaining('temperature'),
    }),
  )
  expect(one('temperature')).not.toThrow()
})
