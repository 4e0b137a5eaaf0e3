import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { resampledAuc } from '../metrics/auc.ts'
import { resampledMean } from '../metrics/resampled-metric.ts'
import { randomNormal, randomNormals } from '../testing/random-samples.ts'
import { bootstrap, unpairedBootstrap } from './bootstrap.ts'
import { delong, delongDifference } from './delong.ts'
import { pairedBootstrap } from './paired-bootstrap.ts'

function scored(seed: number, rows: number) {
  const random = seededRandom(seed)
  const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.2 ? 1 : 0))
  const candidate = Float64Array.from(labels, (label) => 1.2 * label + randomNormal(random))
  const champion = Float64Array.from(candidate, (score) => score + randomNormal(random))
  return { labels, candidate, champion }
}

test('the same seed gives the same interval, another seed another one', () => {
  const { labels, candidate } = scored(1, 500)
  const sample = { metric: resampledAuc(labels, candidate), rows: 500 }
  expect(bootstrap(sample, { seed: 5 })).toEqual(bootstrap(sample, { seed: 5 }))
  expect(bootstrap(sample, { seed: 5 })).not.toEqual(bootstrap(sample, { seed: 6 }))
})

test('errors agree with DeLong for an AUC, a paired and an unpaired difference', () => {
  const { labels, candidate, champion } = scored(2, 4000)
  const options = { seed: 3, resamples: 1000 }
  const ofCandidate = resampledAuc(labels, candidate)
  const ofChampion = resampledAuc(labels, champion)
  const single = bootstrap({ metric: ofCandidate, rows: 4000 }, options)!
  expect(single.standardError / delong(labels, candidate)!.standardError).toBeCloseTo(1, 1)
  const paired = pairedBootstrap(ofCandidate, ofChampion, 4000, options)!
  const reference = delongDifference(labels, candidate, champion)!
  expect(paired.value).toBeCloseTo(reference.value, 12)
  expect(paired.standardError / reference.standardError).toBeCloseTo(1, 1)
  const unpaired = unpairedBootstrap({ metric: ofCandidate, rows: 4000 }, { metric: ofChampion, rows: 4000 }, options)!
  const independent = Math.hypot(delong(labels, candidate)!.standardError, delong(labels, champion)!.standardError)
  expect(unpaired.standardError / independent).toBeCloseTo(1, 1)
  expect(paired.standardError).toBeLessThan(unpaired.standardError)
})

test('the 95% interval of a mean holds the truth in about 95% of samples', () => {
  let missed = 0
  for (let seed = 0; seed < 1000; seed++) {
    const values = randomNormals(seededRandom(1000 + seed), 100, 5)
    const { low, high } = bootstrap({ metric: resampledMean(values), rows: 100 }, { seed })!
    if (low > 5 || high < 5) missed++
  }
  expect(missed).toBeGreaterThan(35)
  expect(missed).toBeLessThan(80)
})

test('rows that depend on each other are drawn by cluster: the interval is as wide as that of the clusters', () => {
  const perCluster = randomNormals(seededRandom(9), 200)
  const clusters = Uint32Array.from({ length: 4000 }, (_, row) => Math.floor(row / 20))
  const metric = resampledMean(Float64Array.from(clusters, (cluster) => perCluster[cluster]!))
  const options = { seed: 1, resamples: 1000 }
  const byRow = bootstrap({ metric, rows: 4000 }, options)!
  const byCluster = bootstrap({ metric, rows: 4000 }, { ...options, clusters })!
  expect(byCluster.standardError / byRow.standardError).toBeGreaterThan(4)
  const truth = bootstrap({ metric: resampledMean(perCluster), rows: 200 }, options)!
  expect(byCluster.standardError).toBeCloseTo(truth.standardError, 12)
})

test('nothing is claimed where the metric is undefined, or on too few resamples', () => {
  const oneClass = resampledAuc(new Uint8Array(50), new Float64Array(50))
  expect(bootstrap({ metric: oneClass, rows: 50 }, { seed: 1 })).toBeUndefined()
  const onePositive = resampledAuc(
    Uint8Array.from({ length: 50 }, (_, row) => (row === 0 ? 1 : 0)),
    Float64Array.from({ length: 50 }, (_, row) => row),
  )
  expect(bootstrap({ metric: onePositive, rows: 50 }, { seed: 1 })).toBeUndefined()
})

test('options that make no sense are refused', () => {
  const metric = resampledMean(Float64Array.of(1, 2))
  expect(() => bootstrap({ metric, rows: 2 }, { seed: 1, resamples: 10 })).toThrow(/10 resamples/)
  expect(() => bootstrap({ metric, rows: 2 }, { seed: 1, confidence: 1.5 })).toThrow(/confidence of 1.5/)
  expect(() => bootstrap({ metric, rows: 2 }, { seed: 1, clusters: Uint32Array.of(0) })).toThrow(/1 cluster numbers/)
})
