import type { Alert } from '../../../src/platform/api/contract.ts'
import { type TimeWindow, unionOf } from '../time/windows.ts'
import type { Span } from './line-plot.tsx'

/** Which strip an alert belongs to. */
export type Concern = 'service' | 'data' | 'prediction' | 'outcome'

const concerns: Readonly<Record<string, Concern>> = {
  latency_slo: 'service',
  error_rate: 'service',
  budget_burning_fast: 'service',
  budget_burning: 'service',
  prediction_drift: 'prediction',
  performance_drop: 'outcome',
  label_coverage: 'outcome',
}

/** The strip that an alert of a kind belongs to; what is not of the service, the scores or the outcomes is of the data. */
export function concernOf(kind: string): Concern {
  return concerns[kind] ?? 'data'
}

/** When an alert was open, until `now` where it still is. */
export function openDuring(alert: Alert, now: number): TimeWindow {
  return { from: alert.openedAt, to: alert.resolvedAt ?? Math.max(now, alert.lastSeenAt) }
}

/** The stretches to shade in a strip: overlapping alerts shade once, and pages shade over tickets. */
export function spansOf(alerts: readonly Alert[], concern: Concern, now: number): readonly Span[] {
  const own = alerts.filter((alert) => concernOf(alert.kind) === concern)
  const shade = (severity: Alert['severity'], tone: Span['tone']): Span[] =>
    unionOf(own.filter((alert) => alert.severity === severity).map((alert) => openDuring(alert, now))).map((span) => ({
      ...span,
      tone,
    }))
  return [...shade('ticket', 'warning'), ...shade('page', 'failing')]
}
