import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { HOUR } from '../../core/time.ts'
import { evaluate, hoursOf, metricsOf } from './evaluate.ts'
import { segmentRows } from './segments.ts'

const random = seededRandom(5)
const scores = Float64Array.from({ length: 1000 }, () => random.next())
const labels = scores.map((score) => (random.next() < score ? 1 : 0))
const times = scores.map((_, row) => row * 0.25 * HOUR)

test('an evaluation has every metric of its task inside its interval, and how well probabilities hold', () => {
  const evaluation = evaluate('binary', { labels, scores, times }, [], 1)
  expect(evaluation.rows).toBe(1000)
  expect(evaluation.labelMean).toBeCloseTo(labels.reduce((sum, label) => sum + label, 0) / 1000)
  expect(Object.keys(evaluation.metrics).sort()).toEqual(['auc', 'brier', 'log_loss'])
  for (const { value, low, high } of Object.values(evaluation.metrics)) {
    expect(low).toBeLessThan(value)
    expect(high).toBeGreaterThan(value)
  }
  expect(evaluation.metrics.auc!.value).toBeGreaterThan(0.75)
  expect(evaluation.calibration!.error).toBeLessThan(0.08)
  expect(evaluate('binary', { labels, scores, times }, [], 1)).toEqual(evaluation)
})

test('a regression has its own metrics, and no calibration', () => {
  const evaluation = evaluate(
    'regression',
    { labels: scores, scores: scores.map((score) => score + 0.5), times },
    [],
    1,
  )
  expect(evaluation.metrics.rmse!.value).toBeCloseTo(0.5)
  expect(evaluation.calibration).toBeUndefined()
  expect(metricsOf('regression')).toEqual(['rmse', 'mae', 'r2'])
})

test('segments come worst first, and those of few rows not at all', () => {
  const kinds = Array.from(scores, (_, row) => (row % 10 === 0 ? 'rare' : row % 2 === 0 ? 'wrong' : null))
  const turned = scores.map((score, row) => (kinds[row] === 'wrong' ? 1 - score : score))
  const { segments } = evaluate('binary', { labels, scores: turned, times }, [segmentRows('kind', kinds)], 1)
  expect(segments.map(({ column, name, rows }) => ({ column, name, rows }))).toEqual([
    { column: 'kind', name: 'wrong', rows: 400 },
    { column: 'kind', name: null, rows: 500 },
    { column: 'kind', name: 'rare', rows: 100 },
  ])
})

test('one class alone leaves out what is not defined, and breaks nothing', () => {
  const { metrics } = evaluate('binary', { labels: labels.map(() => 1), scores, times }, [], 1)
  expect(metrics.auc).toBeUndefined()
  expect(metrics.brier!.value).toBeGreaterThan(0)
})

test('rows of one hour belong together, in whatever order they come', () => {
  expect(hoursOf(Float64Array.of(5 * HOUR, 0, 5.9 * HOUR, 1, -1))).toEqual(Uint32Array.of(0, 1, 0, 1, 2))
})

test('of several classes each is told how well it is known, and who is taken for whom', () => {
  const of = Float64Array.of(0, 1, 2, 0, 1, 1)
  const given = [
    [0.8, 0.1, 0.1],
    [0.2, 0.7, 0.1],
    [0.5, 0.3, 0.2],
    [0.4, 0.4, 0.2],
    [0.1, 0.2, 0.7],
    [0, 1, 0],
  ]
  const judged = { labels: of, scores: Float64Array.from(given.flat()), times: of.map((_, row) => row * HOUR) }
  const { ofClasses, labelMean, metrics, calibration } = evaluate('multiclass', judged, [], 1, ['a', 'b', 'c'])
  expect(ofClasses!.confusion).toEqual([
    [2, 0, 0],
    [0, 2, 1],
    [1, 0, 0],
  ])
  // Of few rows of a class many resamples have none: its area has no interval.
  const measured = { calibrationError: expect.any(Number), calibrationCurve: expect.any(Array) }
  expect(ofClasses!.classes).toEqual([
    { name: 'a', rows: 2, precision: 2 / 3, recall: 1, ...measured },
    { name: 'b', rows: 3, precision: 1, recall: 2 / 3, auc: expect.any(Object), ...measured },
    { name: 'c', rows: 1, precision: 0, recall: 0, ...measured },
  ])
  expect(labelMean).toBe(1 / 2)
  expect(metrics.accuracy!.value).toBeCloseTo(4 / 6, 14)
  // Of the probability of the likeliest class: .4 came true, .5 not, .7 once of two, .8 and 1 did.
  expect(calibration!.error).toBeCloseTo((0.6 + 0.5 + 2 * 0.2 + 0.2 + 0) / 6, 14)
  const errors = ofClasses!.classes.map(({ calibrationError }) => calibrationError!)
  expect(ofClasses!.calibrationError).toBeCloseTo((errors[0]! + errors[1]! + errors[2]!) / 3, 14)
  expect(metricsOf('multiclass')).toEqual(['log_loss', 'accuracy', 'macro_auc', 'macro_f1'])
})

test('each class has its area and its curve, as if it were all that is asked', () => {
  const rows = 240
  const of = Float64Array.from({ length: rows }, (_, row) => row % 3)
  const probabilities = Float64Array.from(
    Array.from(of).flatMap((label, row) => {
      const sure = 0.3 + ((row * 7) % 11) / 20
      const rest = (1 - sure) / 2
      const told = row % 5 === 0 ? (label + 1) % 3 : label
      return [0, 1, 2].map((place) => (place === told ? sure : rest))
    }),
  )
  const times = of.map((_, row) => row * HOUR)
  const weights = of.map((label) => 1 + label)
  for (const counted of [undefined, weights]) {
    const judged = { labels: of, scores: probabilities, times, ...(counted === undefined ? {} : { weights: counted }) }
    const { ofClasses, metrics } = evaluate('multiclass', judged, [], 7, ['a', 'b', 'c'])
    const areas = ofClasses!.classes.map(({ auc }) => auc!)
    expect(areas.reduce((sum, { value }) => sum + value, 0) / 3).toBeCloseTo(metrics.macro_auc!.value, 14)
    for (const [place, { auc: area, calibrationCurve, calibrationError }] of ofClasses!.classes.entries()) {
      const alone = {
        ...judged,
        labels: of.map((label) => Number(label === place)),
        scores: of.map((_, row) => probabilities[3 * row + place]!),
      }
      const one = evaluate('binary', alone, [], 7)
      expect(area).toEqual(one.metrics.auc)
      expect({ error: calibrationError, curve: calibrationCurve }).toEqual(one.calibration)
    }
  }
})

test('segments of several classes are told apart, the one with the greatest loss first', () => {
  const rows = 600
  const kindOf = (row: number) => (row % 2 === 0 ? 'known' : 'guessed')
  const of = Float64Array.from({ length: rows }, (_, row) => Math.floor(row / 2) % 3)
  const scores = Float64Array.from({ length: 3 * rows }, (_, place) => {
    const row = Math.floor(place / 3)
    if (row % 2 === 1) return 1 / 3
    return place % 3 === of[row] ? 0.8 : 0.1
  })
  const names = Array.from(of, (_, row) => kindOf(row))
  const judged = { labels: of, scores, times: of.map((_, row) => row * HOUR) }
  const { segments } = evaluate('multiclass', judged, [segmentRows('kind', names)], 1, ['a', 'b', 'c'])
  expect(segments.map(({ name, metrics }) => [name, metrics.accuracy])).toEqual([
    ['guessed', 1 / 3],
    ['known', 1],
  ])
  expect(segments[1]!.metrics.log_loss).toBeCloseTo(-Math.log(0.8), 12)
})
