import fc from 'fast-check'
import { expect, test } from 'vitest'
import { logLoss } from '../metrics/log-loss.ts'
import { checkVectors } from './check-vectors.fixture.ts'
import { applyIsotonic, fitIsotonic } from './isotonic.ts'
import { applyPlatt, fitPlatt } from './platt.ts'

const scores = Float64Array.from(checkVectors.scores, (hundredths) => hundredths / 100)
const labels = Uint8Array.from(checkVectors.labels, Number)

test("Platt's scaling fits and says what scikit-learn's does", () => {
  const fitted = fitPlatt(labels, scores)
  expect(fitted.slope).toBeCloseTo(-checkVectors.sigmoid.a, 5)
  expect(fitted.intercept).toBeCloseTo(-checkVectors.sigmoid.b, 5)
  const asked = checkVectors.asked.slice(1, -1)
  for (const [index, score] of asked.entries())
    expect(applyPlatt(fitted, score)).toBeCloseTo(checkVectors.sigmoidSays[index]!, 5)
})

test("isotonic regression fits and says what scikit-learn's does", () => {
  const fitted = fitIsotonic(labels, scores)
  expect(fitted.scores).toEqual(checkVectors.isotonic.x)
  expect(fitted.probabilities).toEqual(checkVectors.isotonic.y)
  for (const [index, score] of checkVectors.asked.entries())
    expect(applyIsotonic(fitted, score)).toBeCloseTo(checkVectors.isotonicSays[index]!, 14)
})

test('certain scores stay probabilities, and outcomes of one kind are refused', () => {
  const fitted = fitPlatt(labels, scores)
  expect(applyPlatt(fitted, 0)).toBeGreaterThanOrEqual(0)
  expect(applyPlatt(fitted, 1)).toBeLessThanOrEqual(1)
  expect(applyPlatt(fitted, 1)).toBeGreaterThan(applyPlatt(fitted, 0))
  for (const fitOne of [fitPlatt, fitIsotonic])
    for (const same of [[], [0, 0, 0], [1, 1]])
      expect(() => fitOne(Uint8Array.from(same), new Float64Array(same.length).fill(0.5))).toThrow(
        expect.objectContaining({ code: 'single_class' }),
      )
})

const rows = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 20 }), label: fc.boolean() }), { minLength: 2, maxLength: 60 })
  .filter((list) => new Set(list.map(({ label }) => label)).size === 2)

test('isotonic regression never falls, keeps the share of positives, and does not depend on the order of rows', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const fitted = (given: typeof list) =>
        fitIsotonic(
          Uint8Array.from(given, ({ label }) => Number(label)),
          Float64Array.from(given, ({ score }) => score / 20),
        )
      const calibration = fitted(list)
      expect(fitted(list.toReversed())).toEqual(calibration)
      const said = list.map(({ score }) => applyIsotonic(calibration, score / 20))
      const positives = list.filter(({ label }) => label).length
      expect(said.reduce((sum, p) => sum + p, 0)).toBeCloseTo(positives, 9)
      let before = 0
      for (let step = 0; step <= 200; step += 1) {
        const probability = applyIsotonic(calibration, step / 200)
        expect(probability).toBeGreaterThanOrEqual(before)
        before = probability
      }
      expect(before).toBeLessThanOrEqual(1)
    }),
    { numRuns: 100, seed: 3 },
  )
})

test("what Platt's scaling says of its own rows has no more log loss than the scores had", () => {
  const fitted = fitPlatt(labels, scores)
  const said = scores.map((score) => applyPlatt(fitted, score))
  expect(logLoss(labels, said)!).toBeLessThan(logLoss(labels, scores)!)
})

test('a score that is no number is no probability either', () => {
  expect(applyPlatt(fitPlatt(labels, scores), Number.NaN)).toBeNaN()
  expect(applyIsotonic(fitIsotonic(labels, scores), Number.NaN)).toBeNaN()
})
