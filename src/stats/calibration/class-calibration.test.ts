import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { isOfClass, likeliestClasses, probabilitiesOf } from '../metrics/class-probabilities.ts'
import { resampledLogLoss } from '../metrics/log-loss.ts'
import { classVectors } from './class-vectors.fixture.ts'
import { applyOneAgainstRest, fitOneAgainstRest } from './one-against-rest.ts'
import { fitPlatt } from './platt.ts'
import { applyTemperature, fitTemperature } from './temperature.ts'

const CLASSES = 3
const labels = Uint8Array.from(classVectors.labels, Number)
const probabilities = ofHundredths(classVectors.hundredths)
const asked = ofHundredths(classVectors.asked)

function ofHundredths(pairs: readonly number[]): Float64Array {
  const rows = new Float64Array((pairs.length / 2) * CLASSES)
  for (let row = 0; row < pairs.length / 2; row += 1) {
    const [second, third] = [pairs[2 * row]!, pairs[2 * row + 1]!]
    rows.set([(100 - second - third) / 100, second / 100, third / 100], row * CLASSES)
  }
  return rows
}

/** All rows as a calibration says. */
function said(given: Float64Array, apply: (probabilities: Float64Array, from: number) => void): Float64Array {
  const rows = given.slice()
  for (let from = 0; from < rows.length; from += CLASSES) apply(rows, from)
  return rows
}

const byTemperature = fitTemperature(labels, probabilities)
const heated = (given: Float64Array) => said(given, (row, from) => applyTemperature(byTemperature, row, from, CLASSES))

test("temperature scaling fits and says what scikit-learn's does", () => {
  expect(1 / byTemperature.temperature).toBeCloseTo(classVectors.inverseTemperature, 6)
  for (const [place, probability] of heated(asked).entries())
    expect(probability).toBeCloseTo(classVectors.temperature.flat()[place]!, 6)
})

test.each([
  ['isotonic', 14],
  // Its minimum is flat: both fits end near it.
  ['platt', 5],
] as const)("%s of each class against the rest fits and says what scikit-learn's does", (kind, digits) => {
  const fitted = fitOneAgainstRest(kind, labels, probabilities, CLASSES)
  const answers = said(asked, (row, from) => applyOneAgainstRest(fitted, row, from))
  for (const [place, probability] of answers.entries())
    expect(probability).toBeCloseTo(classVectors[kind].flat()[place]!, digits)
})

test('no temperature has less log loss, none changes the likeliest class, and each row adds up to 1', () => {
  const loss = (temperature: number): number => {
    const rows = said(probabilities, (row, from) =>
      applyTemperature({ kind: 'temperature', temperature }, row, from, CLASSES),
    )
    return resampledLogLoss(labels, rows)()!
  }
  const { temperature } = byTemperature
  for (const factor of [0.5, 0.9, 0.999, 1.001, 1.1, 2])
    expect(loss(temperature)).toBeLessThan(loss(temperature * factor))
  expect(loss(temperature)).toBeLessThan(loss(1))
  const rows = heated(probabilities)
  expect(likeliestClasses(rows, CLASSES)).toEqual(likeliestClasses(probabilities, CLASSES))
  for (let from = 0; from < rows.length; from += CLASSES)
    expect(rows[from]! + rows[from + 1]! + rows[from + 2]!).toBeCloseTo(1, 14)
})

test('a temperature is found of rows that were sharpened by it', () => {
  const random = seededRandom(11)
  const rows = 20_000
  const sharpened = new Float64Array(rows * CLASSES)
  const of = new Uint8Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const weights = [random.next() + 0.05, random.next() + 0.05, random.next() + 0.05]
    const sum = weights[0]! + weights[1]! + weights[2]!
    const drawn = random.next() * sum
    of[row] = drawn < weights[0]! ? 0 : drawn < weights[0]! + weights[1]! ? 1 : 2
    const sharp = weights.map((weight) => (weight / sum) ** 2.5)
    const all = sharp[0]! + sharp[1]! + sharp[2]!
    sharpened.set(
      sharp.map((one) => one / all),
      row * CLASSES,
    )
  }
  expect(fitTemperature(of, sharpened).temperature).toBeCloseTo(2.45, 1)
})

test('rows that are all told right, or wrong, have a temperature as low, or as high, as is tried', () => {
  const sure = Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.7, 0.1)
  expect(fitTemperature(Uint8Array.of(0, 1), sure).temperature).toBeLessThan(0.01)
  expect(fitTemperature(Uint8Array.of(2, 2), sure).temperature).toBeCloseTo(Math.exp(10), 3)
})

test('certain rows stay probabilities, and what is no number is none', () => {
  const given = Float64Array.of(1, 0, 0)
  applyTemperature({ kind: 'temperature', temperature: 2 }, given, 0, CLASSES)
  expect(given[0]).toBeLessThanOrEqual(1)
  expect(given[1]).toBeGreaterThan(0)
  const nothing = Float64Array.of(0.5, Number.NaN, 0.2)
  applyTemperature(byTemperature, nothing, 0, CLASSES)
  expect(Array.from(nothing)).toEqual([Number.NaN, Number.NaN, Number.NaN])
  const fitted = fitOneAgainstRest('isotonic', labels, probabilities, CLASSES)
  const neither = Float64Array.of(0.5, Number.NaN, 0.2)
  applyOneAgainstRest(fitted, neither, 0)
  expect(Array.from(neither)).toEqual([Number.NaN, Number.NaN, Number.NaN])
})

test('where each class against the rest is told to be impossible, none is likelier than another', () => {
  const never = { kind: 'isotonic', scores: [0.5], probabilities: [0] } as const
  const row = Float64Array.of(0.2, 0.3, 0.5)
  applyOneAgainstRest({ kind: 'one_against_rest', classes: [never, never, never] }, row, 0)
  expect(Array.from(row)).toEqual([1 / 3, 1 / 3, 1 / 3])
})

test('each class against the rest is calibrated by its own fit, and one without rows is refused', () => {
  const { classes } = fitOneAgainstRest('platt', labels, probabilities, CLASSES)
  const alone = fitPlatt(isOfClass(labels, 2), probabilitiesOf(probabilities, CLASSES, 2))
  expect(classes[2]).toEqual(alone)
  expect(() =>
    fitOneAgainstRest(
      'platt',
      labels.map((one) => Math.min(one, 1)),
      probabilities,
      CLASSES,
    ),
  ).toThrow(expect.objectContaining({ code: 'single_class' }))
})
