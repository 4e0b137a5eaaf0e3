import { expect, test } from 'vitest'
import { judgeBatch, type NewBatch } from './judge-batch.ts'
import { judgeCanary } from './judge-canary.ts'

const guard = { shift: 0.5, drop: 0.2 }
const before = { n: 5000, mean: 0.2, deviation: 0.4 }

test('outcomes that are surely others, and by enough, are no step of learning; few of them say nothing', () => {
  const judge = (n: number, mean: number): string | undefined =>
    judgeBatch({ fresh: { n, mean, deviation: Math.sqrt(mean * (1 - mean)) }, before }, guard)
  expect(judge(500, 0.8)).toBe('the mean outcome of 500 new rows is .800, and .200 where it was trained.')
  expect(judge(500, 0)).toBeUndefined()
  expect(judge(500, 0.3)).toBeUndefined()
  expect(judge(29, 0.8)).toBeUndefined()
  expect(judge(40, 0.42)).toBeUndefined()
})

test('what serves falls on new outcomes by more than may be, for a share and for an error', () => {
  const fresh = { n: 500, mean: 0.2, deviation: 0.4 }
  const judge = (performance: NewBatch['performance'] & {}): string | undefined =>
    judgeBatch({ fresh, before, performance }, guard)
  const auc = { metric: 'auc', expected: 0.8, value: 0.5, higherIsBetter: true }
  expect(judge({ ...auc, kindest: 0.55 })).toContain('AUC .500 on the last day of outcomes')
  expect(judge({ ...auc, kindest: 0.62 })).toBeUndefined()
  const rmse = { metric: 'rmse', expected: 10, value: 15, higherIsBetter: false }
  expect(judge({ ...rmse, kindest: 13 })).toContain('surely more than 20% worse')
  expect(judge({ ...rmse, kindest: 11.9 })).toBeUndefined()
})

test('a promoted version is taken back only when it is surely worse, whatever its metric', () => {
  const n = 400
  const labels = Float64Array.from({ length: n }, (_, row) => row % 2)
  const good = labels.map((label, row) => label * 0.5 + ((row * 7919) % 100) / 100)
  const bad = labels.map((_, row) => ((row * 104729) % 101) / 101)
  const clusters = Uint32Array.from({ length: n }, (_, row) => row >> 2)
  const verdict = (scores: Float64Array, previous: Float64Array, metric: 'auc' | 'rmse'): string =>
    judgeCanary(metric, { labels, scores, previous, clusters }, 0.02, 7).verdict
  expect(verdict(bad, good, 'auc')).toBe('fail')
  expect(verdict(good, bad, 'auc')).toBe('pass')
  expect(verdict(good, good, 'auc')).toBe('pass')
  expect(verdict(bad, labels, 'rmse')).toBe('fail')
  expect(verdict(labels, bad, 'rmse')).toBe('pass')
  const few = { labels: labels.slice(0, 12), scores: bad.slice(0, 12), previous: good.slice(0, 12) }
  expect(judgeCanary('auc', { ...few, clusters: clusters.slice(0, 12) }, 0.02, 7).verdict).toBe('insufficient')
})
