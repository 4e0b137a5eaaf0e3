import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { DAY, HOUR } from '../../core/time.ts'
import { decodeHistogram } from '../../stats/histograms/histogram.ts'
import { scoreWording } from './alert-wording.ts'
import { decodeReference, PredictionWindow, sharesOf } from './prediction-window.ts'
import { buildReference, type ReferenceInput } from './reference.ts'

function input(days: number, change: Partial<ReferenceInput> = {}): ReferenceInput {
  const random = seededRandom(9)
  const rows = days * 240
  const times = Float64Array.from({ length: rows }, (_, row) => (row * HOUR) / 10)
  const speed = times.map(() => random.next())
  const heldOut = times.map((time) => time + days * DAY)
  const scores = speed.map((value) => 0.1 + 0.8 * value)
  return {
    task: 'binary',
    features: [
      { name: 'speed', importance: 30, values: speed },
      { name: 'twice_speed', importance: 10, values: speed.map((value) => 2 * value) },
      { name: 'gaps', importance: 0, values: speed.map(() => (random.next() < 0.25 ? Number.NaN : 5)) },
    ],
    times,
    heldOut: { scores, labels: scores.map((score) => (random.next() < score ? 1 : 0)), times: heldOut },
    ...change,
  }
}

test('a reference counts every row, shares importance out, groups what is correlated and knows what days differ by', () => {
  const reference = buildReference(input(8, { labelCoverage: 0.97 }))
  expect(reference).toMatchObject({ format: 1, rows: 1920, windowLength: DAY, labelCoverage: 0.97 })
  expect(reference.features.map(({ name, importance, group }) => [name, importance, group])).toEqual([
    ['speed', 0.75, 0],
    ['twice_speed', 0.25, 0],
    ['gaps', 0, 1],
  ])
  for (const { histogram } of [...reference.features, reference.score])
    expect(histogram.counts.reduce((sum, count) => sum + count)).toBe(1920)
  expect(reference.features[0]!.usual!.psi.windows).toBe(8)
  expect(reference.features[0]!.usual!.psi.mean).toBeLessThan(0.1)
  expect(reference.features[2]!.usual!.missing.mean).toBeCloseTo(0.25, 1)
  expect(reference.score.quantiles.edges.length).toBeGreaterThan(90)
  expect(reference.baseRate).toBeCloseTo(0.5, 1)
  expect(reference.expected).toMatchObject({ metric: 'auc' })
  expect(reference.expected!.value).toBeCloseTo(0.77, 1)
  expect(reference.expected!.low).toBeLessThan(reference.expected!.value)
  expect(reference.expected!.betweenWindows).toBeLessThan(0.05)
})

test('a reference is plain JSON, to the bit, and the same for the same rows', () => {
  const reference = buildReference(input(6))
  expect(JSON.parse(JSON.stringify(reference))).toEqual(reference)
  expect(buildReference(input(6))).toEqual(reference)
  expect(decodeReference(reference).features[1]!.histogram.counts).toEqual(
    Float64Array.from(reference.features[1]!.histogram.counts),
  )
})

test('few days know nothing about how days differ', () => {
  const reference = buildReference(input(3))
  expect(reference.features[0]!.usual).toBeUndefined()
  expect(reference.expected!.betweenWindows).toBeUndefined()
})

test('without any gain all features count the same, and the evaluation may be given', () => {
  const { features, ...rest } = input(6)
  const none = features.map((feature) => ({ ...feature, importance: 0 }))
  const reference = buildReference({ ...rest, features: none, expected: { value: 0.8, low: 0.79, high: 0.81 } })
  expect(reference.features.map(({ importance }) => importance)).toEqual([1 / 3, 1 / 3, 1 / 3])
  expect(reference.expected).toMatchObject({ value: 0.8, low: 0.79, high: 0.81 })
})

test('without held-out rows there is no expected metric', () => {
  const none = new Float64Array(0)
  const reference = buildReference(input(6, { heldOut: { scores: none, labels: none, times: none } }))
  expect(reference.expected).toBeUndefined()
  expect(JSON.parse(JSON.stringify(reference))).toEqual(reference)
})

test('columns of another length are refused', () => {
  expect(() => buildReference(input(6, { times: new Float64Array(7) }))).toThrow('1440 rows does not fit 7 times')
})

test('of several classes a reference counts which was the likeliest, and knows how often it came true', () => {
  const random = seededRandom(12)
  const rows = 8 * 240
  const times = Float64Array.from({ length: rows }, (_, row) => (row * HOUR) / 10)
  const scores = new Float64Array(rows * 3)
  for (let row = 0; row < rows; row += 1) scores.set(row % 4 === 0 ? [0.2, 0.7, 0.1] : [0.1, 0.3, 0.6], row * 3)
  const labels = times.map((_, row) => (random.next() < 0.75 ? (row % 4 === 0 ? 1 : 2) : 0))
  const classes = ['late', 'damaged', 'fine']
  const reference = buildReference(
    input(8, { task: 'multiclass', classes, heldOut: { scores, labels, times: times.map((time) => time + 8 * DAY) } }),
  )
  expect(reference.classes).toEqual(classes)
  expect(sharesOf(classes, decodeHistogram(reference.score.histogram))).toEqual({ late: 0, damaged: 0.25, fine: 0.75 })
  expect(reference.baseRate).toBeCloseTo(0.75, 1)
  expect(reference.expected).toMatchObject({ metric: 'log_loss' })
  const decoded = decodeReference(reference)
  const window = new PredictionWindow(decoded)
  const vector = Float64Array.of(0.5, 1, 5)
  for (let row = 0; row < 1000; row += 1) window.add(vector, 0.6, row % 2 === 0 ? 0 : 2)
  const point = window.judgeScores({ psi: 0.2, alpha: 0.01, minimum: 100 }, true)!
  expect(point.classes).toEqual({ late: 0.5, damaged: 0, fine: 0.5 })
  expect(point).toMatchObject({ mean: expect.closeTo(0.6, 6), drift: { verdict: 'drifted' } })
  const { title } = scoreWording({ model: 'parcels', version: 3 }, point, reference, 0)
  expect(title).toMatch(
    /^parcels v3: answered classes drifted since 1970-01-01 \(PSI .*; late 50%, in training 0%\)\.$/,
  )
  expect(() => buildReference(input(8, { task: 'multiclass', classes }))).toThrow(
    expect.objectContaining({ code: 'invalid_parameter' }),
  )
})
