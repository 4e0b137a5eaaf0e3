import type { Alert } from '../../../src/platform/api/contract.ts'
import { type TimeWindow, unionOf } from '../time/windows.ts'
import type { Span } from './line-plot.tsx'

/** Which strip an alert belongs to. */
export type Concern = 'service' | 'data' | 'prediction' | 'outcome'

const patterns: readonly (readonly [pattern: RegExp, concern: Concern])[] = [
  [/latency|error|availab|slo|traffic|service/, 'service'],
  [/perform|auc|accuracy|outcome|label|calibration|loss/, 'outcome'],
  [/score|prediction/, 'prediction'],
]

/** The strip that an alert belongs to: by its feature, else by the words of its kind, else the data. */
export function concernOf(alert: Pick<Alert, 'kind' | 'feature'>): Concern {
  if (alert.feature !== undefined) return 'data'
  return patterns.find(([pattern]) => pattern.test(alert.kind))?.[1] ?? 'data'
}

/** When an alert was open, until `now` where it still is. */
export function openDuring(alert: Alert, now: number): TimeWindow {
  return { from: alert.openedAt, to: alert.resolvedAt ?? Math.max(now, alert.lastSeenAt) }
}

/** The stretches to shade in a strip: overlapping alerts shade once, and pages shade over tickets. */
export function spansOf(alerts: readonly Alert[], concern: Concern, now: number): readonly Span[] {
  const own = alerts.filter((alert) => concernOf(alert) === concern)
  const shade = (severity: Alert['severity'], tone: Span['tone']): Span[] =>
    unionOf(own.filter((alert) => alert.severity === severity).map((alert) => openDuring(alert, now))).map((span) => ({
      ...span,
      tone,
    }))
  return [...shade('ticket', 'warning'), ...shade('page', 'failing')]
}
