import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { auc } from '../metrics/auc.ts'
import { randomNormal } from '../testing/random-samples.ts'
import { delong, delongDifference } from './delong.ts'

/** Ratings of 58 normal and 51 abnormal CT images, Hanley and McNeil (1982), table I. */
function ctRatings(): { labels: Uint8Array; ratings: Float64Array } {
  const normal = [33, 6, 6, 11, 2]
  const abnormal = [3, 2, 2, 11, 33]
  const rows: [number, number][] = []
  for (const [label, counts] of [normal, abnormal].entries()) {
    for (const [rating, count] of counts.entries()) for (let row = 0; row < count; row++) rows.push([label, rating + 1])
  }
  return { labels: Uint8Array.from(rows, ([label]) => label), ratings: Float64Array.from(rows, ([, rating]) => rating) }
}

/** The definition of DeLong et al. over all pairs: the variance of the mean difference of the structural components. */
function varianceByPairs(labels: Uint8Array, columns: readonly Float64Array[], signs: readonly number[]): number {
  const rowsOf = (label: number) => [...labels.keys()].filter((row) => labels[row] === label)
  const wins = (scores: Float64Array, positive: number, negative: number) =>
    Number(scores[positive]! > scores[negative]!) + Number(scores[positive] === scores[negative]) / 2
  const component = (own: readonly number[], others: readonly number[], positiveFirst: boolean) =>
    own.map((row) =>
      columns.reduce((sum, scores, column) => {
        const won = others.map((other) => (positiveFirst ? wins(scores, row, other) : wins(scores, other, row)))
        return sum + (signs[column]! * won.reduce((total, each) => total + each, 0)) / others.length
      }, 0),
    )
  const spread = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1) / values.length
  }
  return spread(component(rowsOf(1), rowsOf(0), true)) + spread(component(rowsOf(0), rowsOf(1), false))
}

function correlatedScores(seed: number, rows: number, ofCandidate: number, ofChampion: number) {
  const random = seededRandom(seed)
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.3 ? 1 : 0))
  const shared = Float64Array.from(labels, () => randomNormal(random))
  const column = (strength: number) =>
    Float64Array.from(labels, (label, row) => strength * label + 0.7 * shared[row]! + 0.7 * randomNormal(random))
  return { labels, candidate: column(ofCandidate), champion: column(ofChampion) }
}

test('the CT ratings of Hanley and McNeil: AUC .8932, error .0307, .83295 to .95339, as Stata reports', () => {
  const { labels, ratings } = ctRatings()
  const estimate = delong(labels, ratings)!
  expect(estimate.value).toBeCloseTo(0.8932, 4)
  expect(estimate.standardError).toBeCloseTo(0.0307, 4)
  expect(estimate.low).toBeCloseTo(0.83295, 5)
  expect(estimate.high).toBeCloseTo(0.95339, 5)
})

test('the fast algorithm equals the definition over all pairs, with ties, for one curve and for two', () => {
  const random = seededRandom(6)
  for (let round = 0; round < 20; round++) {
    const labels = Uint8Array.from({ length: 60 }, (_, row) => (row < 4 ? row % 2 : random.integer(2)))
    const candidate = Float64Array.from(labels, (label) => random.integer(8) + 2 * label)
    const champion = Float64Array.from(labels, (label) => random.integer(4) + label)
    expect(delong(labels, candidate)!.standardError ** 2).toBeCloseTo(varianceByPairs(labels, [candidate], [1]), 12)
    const paired = delongDifference(labels, candidate, champion)!
    expect(paired.standardError ** 2).toBeCloseTo(varianceByPairs(labels, [candidate, champion], [1, -1]), 12)
    expect(paired.value).toBeCloseTo(delong(labels, candidate)!.value - delong(labels, champion)!.value, 12)
  }
})

test('equal models differ in less than 6% of samples, and the interval holds the true difference', () => {
  let alarms = 0
  for (let sample = 0; sample < 1000; sample++) {
    const { labels, candidate, champion } = correlatedScores(sample, 300, 1, 1)
    const difference = delongDifference(labels, candidate, champion)!
    if (difference.lower(0.025) > 0 || difference.upper(0.025) < 0) alarms++
  }
  expect(alarms).toBeGreaterThan(30)
  expect(alarms).toBeLessThanOrEqual(65)
})

test('a better model is found, and pairing makes its interval narrower than two single ones would', () => {
  const { labels, candidate, champion } = correlatedScores(1, 2000, 1.3, 1)
  const paired = delongDifference(labels, candidate, champion)!
  expect(paired.lower(0.025)).toBeGreaterThan(0)
  const single = Math.hypot(delong(labels, candidate)!.standardError, delong(labels, champion)!.standardError)
  expect(paired.standardError).toBeLessThan(0.85 * single)
})

test('no error is known for a perfect separation or one row of a class; equal rankings differ by 0', () => {
  const labels = Uint8Array.of(0, 0, 1, 1)
  expect(delong(labels, Float64Array.of(1, 2, 3, 4))).toBeUndefined()
  expect(delong(Uint8Array.of(0, 0, 1), Float64Array.of(1, 3, 2))).toBeUndefined()
  expect(delong(Uint8Array.of(1, 1), Float64Array.of(1, 3))).toBeUndefined()
  const scores = Float64Array.from({ length: 40 }, (_, row) => (row * 7) % 40)
  const halves = Uint8Array.from(scores, (_, row) => row % 2)
  const cubes = scores.map((score) => score ** 3)
  expect(delongDifference(halves, scores, cubes)).toMatchObject({ value: 0, standardError: 0 })
})

test('a difference takes ten rows of either class, and ten clusters', () => {
  const rows = 400
  const scores = Float64Array.from({ length: rows }, (_, row) => (row * 37) % rows)
  const other = Float64Array.from({ length: rows }, (_, row) => (row * 61) % rows)
  const positives = (count: number) => Uint8Array.from({ length: rows }, (_, row) => (row < count ? 1 : 0))
  const clusters = (count: number) => Uint32Array.from({ length: rows }, (_, row) => row % count)
  expect(delongDifference(positives(9), scores, other)).toBeUndefined()
  expect(delongDifference(positives(391), scores, other)).toBeUndefined()
  expect(delongDifference(positives(10), scores, other)).toBeDefined()
  expect(delongDifference(positives(200), scores, other, clusters(9))).toBeUndefined()
  expect(delongDifference(positives(200), scores, other, clusters(10))).toBeDefined()
})

test('rows that come ten times over prove no more than once, when they are one cluster', () => {
  const { labels, candidate, champion } = correlatedScores(4, 200, 1.3, 1)
  const tenfold = (values: Float64Array) => Float64Array.from({ length: 2000 }, (_, row) => values[row % 200]!)
  const repeated = [
    Uint8Array.from({ length: 2000 }, (_, row) => labels[row % 200]!),
    tenfold(candidate),
    tenfold(champion),
  ] as const
  const clusters = Uint32Array.from({ length: 2000 }, (_, row) => row % 200)
  const once = delongDifference(labels, candidate, champion)!
  const clustered = delongDifference(...repeated, clusters)!
  expect(clustered.value).toBeCloseTo(once.value, 12)
  expect(clustered.standardError / once.standardError).toBeCloseTo(1, 1)
  expect(once.standardError / delongDifference(...repeated)!.standardError).toBeGreaterThan(3)
})

test('over clusters the error is that of the differences without each cluster in turn, worked out pair by pair', () => {
  const random = seededRandom(8)
  const rows = 90
  const labels = Uint8Array.from({ length: rows }, (_, row) => (row % 9 === 0 ? 1 : random.integer(2)))
  // A few large clusters, and many small ones; some hold rows of one class alone.
  const clusters = Uint32Array.from(labels, () => Math.floor(14 * random.next() ** 2))
  const candidate = Float64Array.from(labels, (label) => random.integer(8) + 2 * label)
  const champion = Float64Array.from(labels, (label) => random.integer(5) + label)
  const without = [...new Set(clusters)].map((left) => {
    const kept = [...labels.keys()].filter((row) => clusters[row] !== left)
    const ofKept = Uint8Array.from(kept, (row) => labels[row]!)
    const of = (values: Float64Array) =>
      auc(
        ofKept,
        Float64Array.from(kept, (row) => values[row]!),
      )!
    return of(candidate) - of(champion)
  })
  const mean = without.reduce((sum, one) => sum + one, 0) / without.length
  const squares = without.reduce((sum, one) => sum + (one - mean) ** 2, 0)
  const { standardError } = delongDifference(labels, candidate, champion, clusters)!
  expect(standardError ** 2).toBeCloseTo((squares * (without.length - 1)) / without.length, 12)
})

test('nothing is told where one cluster holds all rows of a class', () => {
  const { labels, candidate, champion } = correlatedScores(7, 200, 1, 1)
  const clusters = Uint32Array.from(labels, (label, row) => (label === 1 ? 0 : 1 + (row % 12)))
  expect(delongDifference(labels, candidate, champion, clusters)).toBeUndefined()
})

test('bounds and chances say the same: the lower bound at 1 - alpha is where the chance of so much is alpha', () => {
  const { labels, candidate, champion } = correlatedScores(5, 500, 1.1, 1)
  const difference = delongDifference(labels, candidate, champion)!
  expect(difference.pAbove(difference.lower(0.05))).toBeCloseTo(0.05, 8)
  expect(difference.pBelow(difference.upper(0.05))).toBeCloseTo(0.05, 8)
})
