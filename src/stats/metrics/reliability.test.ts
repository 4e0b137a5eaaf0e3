import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { expectedCalibrationError, reliabilityCurve } from './reliability.ts'

test('the rows are cut into bins of equal size in ascending order', () => {
  const labels = Uint8Array.of(1, 0, 0, 1)
  const curve = reliabilityCurve(labels, Float64Array.of(0.9, 0.1, 0.2, 0.6), 2)
  expect(curve.map(({ rows, predicted, observed }) => ({ rows, predicted, observed }))).toEqual([
    { rows: 2, predicted: expect.closeTo(0.15, 12), observed: 0 },
    { rows: 2, predicted: expect.closeTo(0.75, 12), observed: 1 },
  ])
  expect(expectedCalibrationError(curve)).toBeCloseTo((0.15 + 0.25) / 2, 12)
})

test('equal probabilities stay in one bin', () => {
  const labels = Uint8Array.of(0, 1, 0, 1, 1, 1)
  const curve = reliabilityCurve(labels, Float64Array.of(0.5, 0.5, 0.5, 0.5, 0.5, 0.9), 3)
  expect(curve.map((bin) => bin.rows)).toEqual([5, 1])
})

test('the bins hold every row once and differ in size by one at most where nothing is tied', () => {
  const random = seededRandom(4)
  const probabilities = Float64Array.from({ length: 10_007 }, () => random.next())
  const labels = Uint8Array.from(probabilities, (probability) => (random.next() < probability ? 1 : 0))
  const curve = reliabilityCurve(labels, probabilities, 10)
  expect(curve).toHaveLength(10)
  expect(curve.reduce((sum, bin) => sum + bin.rows, 0)).toBe(10_007)
  expect(curve.every((bin) => bin.rows === 1000 || bin.rows === 1001)).toBe(true)
})

test('calibrated probabilities lie inside their intervals, overconfident ones do not', () => {
  const random = seededRandom(5)
  const probabilities = Float64Array.from({ length: 50_000 }, () => random.next())
  const labels = Uint8Array.from(probabilities, (probability) => (random.next() < probability ? 1 : 0))
  const overconfident = probabilities.map((probability) =>
    probability < 0.5 ? probability / 2 : (1 + probability) / 2,
  )
  const calibrated = reliabilityCurve(labels, probabilities)
  expect(calibrated.filter((bin) => bin.predicted < bin.low || bin.predicted > bin.high).length).toBeLessThan(3)
  expect(expectedCalibrationError(calibrated)).toBeLessThan(0.01)
  expect(expectedCalibrationError(reliabilityCurve(labels, overconfident))).toBeCloseTo(0.125, 2)
})

test('there is no error without rows, and a curve needs a bin', () => {
  expect(expectedCalibrationError(reliabilityCurve(new Uint8Array(0), new Float64Array(0)))).toBeUndefined()
  expect(() => reliabilityCurve(Uint8Array.of(1), Float64Array.of(0.5), 0)).toThrow(/0 bins/)
})
