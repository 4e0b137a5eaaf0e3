import { expect, test } from 'vitest'
import {
  formatCount,
  formatDigest,
  formatInterval,
  formatMilliseconds,
  formatPercent,
  formatRate,
  formatScore,
  formatTick,
  metricWords,
} from './number.ts'

test('counts have separators, and a real minus', () => {
  expect(formatCount(1204112)).toBe('1,204,112')
  expect(formatCount(-12)).toBe('−12')
})

test('rates have one decimal below a hundred', () => {
  expect([0, 0.04, 6.2, 99.94, 99.96, 412.4].map(formatRate)).toEqual(['0', '0.0', '6.2', '99.9', '100', '412'])
})

test('ticks have as many decimals as they need', () => {
  expect([0, 20, 2.5, 0.25].map(formatTick)).toEqual(['0', '20', '2.5', '0.25'])
  expect([0.005, 0.01, 0.015, 0.1 + 0.2].map(formatTick)).toEqual(['0.005', '0.01', '0.015', '0.3'])
})

test('metrics are called what people call them', () => {
  expect(['auc', 'log_loss', 'macro_auc', 'rmse'].map(metricWords)).toEqual(['AUC', 'log loss', 'macro AUC', 'RMSE'])
})

test('scores have no leading zero and keep their digits', () => {
  expect([0.761, 1, 0, -0.0124, -0.0001].map((value) => formatScore(value))).toEqual([
    '.761',
    '1.000',
    '.000',
    '−.012',
    '.000',
  ])
  expect(formatScore(0.5, 1)).toBe('.5')
  expect(formatInterval(0.7519, 0.7701)).toBe('.752–.770')
})

test('percents claim all or nothing only where it is so', () => {
  expect([0, 0.0004, 0.92, 0.9996, 1].map(formatPercent)).toEqual(['0%', '<1%', '92%', '99%', '100%'])
})

test('latencies name their unit, without a jump where it changes', () => {
  expect([0.0812, 0, 8.23, 9.96, 41.4, 999.2, 1300].map(formatMilliseconds)).toEqual([
    '0.081 ms',
    '0.0 ms',
    '8.2 ms',
    '10 ms',
    '41 ms',
    '999 ms',
    '1.3 s',
  ])
})

test('digests are cut to twelve digits, without the name of the hash', () => {
  expect(formatDigest('sha256:4f1c9a07be52d6634f1c')).toBe('4f1c9a07be52')
  expect(formatDigest('4f1c9a07be52d6634f1c')).toBe('4f1c9a07be52')
})
