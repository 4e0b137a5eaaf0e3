import { expect, test } from 'vitest'
import { seededRandom } from '../../core/random.ts'
import { logLoss } from './log-loss.ts'
import { type MetricName, metrics } from './metrics.ts'
import { weightedMetric } from './resampled-metric.ts'

// By scikit-learn 1.9.1 of these rows, p.argmax(1) being what is predicted:
//   log_loss(y, p, labels=[0, 1, 2, 3], sample_weight=w)
//   accuracy_score(y, p.argmax(1), sample_weight=w)
//   roc_auc_score(y, p, multi_class='ovr', average='macro', sample_weight=w)
//   f1_score(y, p.argmax(1), average='macro', sample_weight=w)
const labels = Float64Array.of(0, 2, 1, 1, 0, 2, 2, 1, 3, 0)
const rows = [
  [0.7, 0.1, 0.1, 0.1],
  [0.2, 0.2, 0.5, 0.1],
  [0.3, 0.4, 0.2, 0.1],
  [0.5, 0.3, 0.1, 0.1],
  [0.4, 0.4, 0.1, 0.1],
  [0.1, 0.2, 0.6, 0.1],
  [0.3, 0.1, 0.2, 0.4],
  [0.1, 0.8, 0.05, 0.05],
  [0.25, 0.25, 0.2, 0.3],
  [0.15, 0.35, 0.35, 0.15],
] as const
const probabilities = Float64Array.from(rows.flat())
const weights = Float64Array.of(1, 2, 1, 0.5, 3, 1, 0, 2, 1.5, 1)
const byScikitLearn = {
  log_loss: [0.9530876269299042, 0.8207931194221083],
  accuracy: [0.7, 0.8846153846153846],
  macro_auc: [0.8472222222222222, 0.9330592105263158],
  macro_f1: [0.7, 0.9105263157894736],
} as const
const names = Object.keys(byScikitLearn) as (keyof typeof byScikitLearn)[]

test.each(names)('%s is what scikit-learn says, of rows that count once and of weighted ones', (name) => {
  const metric = metrics[name].prepare(labels, probabilities)
  const [plain, weighted] = byScikitLearn[name]
  expect(metric()).toBeCloseTo(plain, 14)
  expect(metric(weights)).toBeCloseTo(weighted, 14)
})

test('they are the metrics of several classes', () => {
  const all = Object.keys(metrics) as MetricName[]
  const tasks = (name: MetricName): readonly string[] => metrics[name].tasks
  expect(all.filter((name) => tasks(name).includes('multiclass'))).toEqual(names)
})

test.each(names)('%s: a resample counts rows as often as they are in it', (name) => {
  const random = seededRandom(3)
  const counts = Uint8Array.from(labels, () => random.integer(4))
  const drawn = Array.from(counts).flatMap((count, row) => Array.from({ length: count }, () => row))
  const repeated = metrics[name].prepare(
    Float64Array.from(drawn, (row) => labels[row]!),
    Float64Array.from(drawn.flatMap((row) => rows[row]!)),
  )
  expect(metrics[name].prepare(labels, probabilities)(counts)).toBeCloseTo(repeated()!, 13)
  const own = weightedMetric(metrics[name].prepare(labels, probabilities), weights)
  expect(own(counts)).toBeCloseTo(
    metrics[name].prepare(labels, probabilities)(weights.map((weight, row) => weight * counts[row]!))!,
    14,
  )
})

test('classes that no row has are left out of means over classes, and no rows give no value', () => {
  const some = Float64Array.of(0, 1, 0)
  const of = Float64Array.of(0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.3, 0.5, 0.2)
  // The AUC of each of the two is 1; and the F1 of each is 2/3, the third being neither there nor named.
  expect(metrics.macro_auc.prepare(some, of)()).toBe(1)
  expect(metrics.macro_f1.prepare(some, of)()).toBeCloseTo(2 / 3, 14)
  const alike = Float64Array.of(1, 1)
  expect(metrics.macro_auc.prepare(alike, of.subarray(0, 6))()).toBeUndefined()
  for (const name of names) {
    expect(metrics[name].prepare(new Float64Array(0), new Float64Array(0))()).toBeUndefined()
    expect(metrics[name].prepare(labels, probabilities)(new Uint8Array(10))).toBeUndefined()
  }
})

test('a wrong certainty costs as much as one of two classes does', () => {
  const wrong = metrics.log_loss.prepare(Float64Array.of(2), Float64Array.of(1, 0, 0))()
  expect(wrong).toBe(logLoss(Uint8Array.of(1), Float64Array.of(0)))
})

test('rows that do not fit, labels that are no class and what is no probability are refused', () => {
  const refused = (of: number[], scores: number[]) => () =>
    metrics.log_loss.prepare(Float64Array.from(of), Float64Array.from(scores))
  expect(refused([0, 1], [0.5, 0.5, 0.5])).toThrow(/2 labels do not fit 3 probabilities/)
  expect(refused([0, 2], [0.5, 0.5, 0.5, 0.5])).toThrow(/Label 1 is 2; there are 2 classes/)
  expect(refused([0.5], [0.5, 0.5])).toThrow(/Label 0 is 0.5/)
  expect(refused([0], [1.5, -0.5])).toThrow(/Prediction 0 is 1.5/)
  expect(refused([0], [Number.NaN, 1])).toThrow(/The prediction of row 0 is NaN/)
})
