import { expect, test } from 'vitest'
import { concernOf, spansOf } from './concerns.ts'

test('alerts belong to the strip of their feature or kind', () => {
  expect(concernOf({ kind: 'drift', feature: 'origin.mean_delay_1h' })).toBe('data')
  const kinds = ['latency', 'error_rate', 'performance', 'label_rate', 'score_drift', 'freshness']
  expect(kinds.map((kind) => concernOf({ kind }))).toEqual([
    'service',
    'service',
    'outcome',
    'outcome',
    'prediction',
    'data',
  ])
})

test('open alerts shade until now, and overlapping ones once', () => {
  const alert = (openedAt: number, resolvedAt: number | undefined, severity: 'page' | 'ticket') => ({
    id: String(openedAt),
    model: 'late_flight',
    kind: 'latency',
    severity,
    title: '',
    n: 1,
    openedAt,
    lastSeenAt: openedAt,
    ...(resolvedAt !== undefined && { resolvedAt }),
    runbook: '',
  })
  const alerts = [alert(0, 10, 'ticket'), alert(5, 20, 'ticket'), alert(50, undefined, 'page')]
  expect(spansOf(alerts, 'service', 100)).toEqual([
    { from: 0, to: 20, tone: 'warning' },
    { from: 50, to: 100, tone: 'failing' },
  ])
  expect(spansOf(alerts, 'outcome', 100)).toEqual([])
})
