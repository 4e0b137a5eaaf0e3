import { expect, test } from 'vitest'
import { concernOf, spansOf } from './concerns.ts'

test('every kind of alert belongs to a strip', () => {
  const kinds = ['latency_slo', 'error_rate', 'performance_drop', 'label_coverage', 'prediction_drift', 'data_drift']
  expect(kinds.map(concernOf)).toEqual(['service', 'service', 'outcome', 'outcome', 'prediction', 'data'])
})

test('open alerts shade until now, and overlapping ones once', () => {
  const alert = (openedAt: number, resolvedAt: number | undefined, severity: 'page' | 'ticket') => ({
    id: String(openedAt),
    model: 'late_flight',
    kind: 'latency_slo',
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
