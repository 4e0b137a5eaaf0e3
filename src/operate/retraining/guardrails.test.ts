import { expect, test } from 'vitest'
import type { GateDefinition } from '../../language/define/definitions.ts'
import { judgeBatch, type NewBatch, type OutcomeFigures } from './judge-batch.ts'
import { judgeCanary } from './judge-canary.ts'

const guard = { shift: 0.5, drop: 0.2 }
const before = figures(5000, 0.2, 0.4)

function figures(n: number, mean: number, deviation = Math.sqrt(mean * (1 - mean))): OutcomeFigures {
  return { n, means: [{ mean, deviation }] }
}

/** Rows of three classes. */
function shares(n: number, late: number, damaged: number): OutcomeFigures {
  const share = (name: string, mean: number) => ({ name, mean, deviation: Math.sqrt(mean * (1 - mean)) })
  return { n, means: [share('late', late), share('damaged', damaged), share('fine', 1 - late - damaged)] }
}

test('outcomes that are surely others, and by enough, are no step of learning; few of them say nothing', () => {
  const judge = (n: number, mean: number): string | undefined => judgeBatch({ fresh: figures(n, mean), before }, guard)
  expect(judge(500, 0.8)).toBe('the mean outcome of 500 new rows is .800, and .200 where it was trained.')
  expect(judge(500, 0)).toBeUndefined()
  expect(judge(500, 0.3)).toBeUndefined()
  expect(judge(29, 0.8)).toBeUndefined()
  expect(judge(40, 0.42)).toBeUndefined()
})

test('of several classes the share of any may move too far, and the one that moved the most is named', () => {
  const judge = (fresh: OutcomeFigures): string | undefined =>
    judgeBatch({ fresh, before: shares(5000, 0.3, 0.02) }, guard)
  expect(judge(shares(500, 0.31, 0.03))).toBeUndefined()
  // The mean of the numbers of the classes is the same.
  expect(judge(shares(500, 0.1, 0.42))).toBe(
    "the share of the class 'damaged' of 500 new rows is .420, and .020 where it was trained.",
  )
  expect(judge(shares(29, 0.1, 0.42))).toBeUndefined()
  // Far, and not surely: 4 of 40 are damaged.
  expect(judge(shares(40, 0.3, 0.1))).toBeUndefined()
  const without = { n: 5000, means: shares(5000, 0.3, 0).means }
  expect(judgeBatch({ fresh: shares(500, 0.3, 0.05), before: without }, guard)).toContain("'damaged' of 500 new rows")
})

test('what serves falls on new outcomes by more than may be, for a share and for an error', () => {
  const fresh = figures(500, 0.2, 0.4)
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
  const verdict = (scores: Float64Array, previous: Float64Array, metric: GateDefinition['metric']): string =>
    judgeCanary(metric, { labels, scores, previous, clusters }, 0.02, 7).verdict
  expect(verdict(bad, good, 'auc')).toBe('fail')
  expect(verdict(good, bad, 'auc')).toBe('pass')
  expect(verdict(good, good, 'auc')).toBe('pass')
  expect(verdict(bad, labels, 'rmse')).toBe('fail')
  expect(verdict(labels, bad, 'rmse')).toBe('pass')
  const right = Float64Array.from({ length: 3 * n }, (_, place) =>
    place % 3 === labels[Math.floor(place / 3)] ? 0.6 : 0.2,
  )
  const wrong = Float64Array.from({ length: 3 * n }, (_, place) => (place % 3 === 2 ? 0.6 : 0.2))
  for (const metric of ['log_loss', 'accuracy', 'macro_f1'] as const) {
    expect(verdict(wrong, right, metric)).toBe('fail')
    expect(verdict(right, wrong, metric)).toBe('pass')
  }
  const few = { labels: labels.slice(0, 12), scores: bad.slice(0, 12), previous: good.slice(0, 12) }
  expect(judgeCanary('auc', { ...few, clusters: clusters.slice(0, 12) }, 0.02, 7).verdict).toBe('insufficient')
})
