import type { Alert, FeatureStrip, ModelHealth, ReleaseMarker } from '../../../src/platform/api/contract.ts'
import { type CsvValue, isoTime, saveFile, toCsv } from '../csv.ts'
import type { TimeWindow } from '../time/windows.ts'

type Row = Readonly<Record<string, CsvValue>>

/** Saves a strip's points as `MODEL-STRIP-FROM-TO.csv`, times in UTC. */
export function saveStrip(
  health: Pick<ModelHealth, 'model' | 'from' | 'to'>,
  strip: string,
  columns: readonly string[],
  rows: readonly Row[],
): void {
  const day = (time: number): string => isoTime(time).slice(0, 10)
  saveFile(`${health.model}-${strip}-${day(health.from)}-${day(health.to)}.csv`, toCsv(columns, rows))
}

/** Points with their window as ISO 8601 in UTC. */
export function windowRows<P extends TimeWindow>(points: readonly P[]): readonly Row[] {
  return points.map((point) => ({ ...point, from: isoTime(point.from), to: isoTime(point.to) }) as unknown as Row)
}

export const serviceColumns = ['from', 'to', 'n', 'perMinute', 'p50', 'p99', 'errors']
export const predictionColumns = ['from', 'to', 'n', 'mean', 'q10', 'q50', 'q90', 'psi', 'verdict']
export const outcomeColumns = [
  ...['from', 'to', 'n', 'labelled', 'mature', 'positives', 'auc', 'low', 'high', 'logLoss'],
  ...['accuracy', 'macroAuc'],
]
export const policyColumns = ['name', 'from', 'to', 'predictions', 'labelled', 'value', 'low', 'high']
export const driftColumns = ['feature', 'importance', 'from', 'to', 'n', 'missing', 'psi', 'ks', 'js', 'verdict']
export const releaseColumns = ['at', 'version', 'reason', 'by']
export const alertColumns = ['id', 'severity', 'kind', 'feature', 'title', 'n', 'openedAt', 'lastSeenAt', 'resolvedAt']

/** The drift of features, one row for each feature and window. */
export function driftRows(strips: readonly FeatureStrip[]): readonly Row[] {
  return strips.flatMap(({ feature, importance, points }) =>
    windowRows(points).map((row) => ({ ...row, feature, importance })),
  )
}

export function releaseRows(releases: readonly ReleaseMarker[]): readonly Row[] {
  return releases.map((release) => ({ ...release, at: isoTime(release.at) }))
}

export function alertRows(alerts: readonly Alert[]): readonly Row[] {
  return alerts.map(({ openedAt, lastSeenAt, resolvedAt, ...alert }) => ({
    ...alert,
    openedAt: isoTime(openedAt),
    lastSeenAt: isoTime(lastSeenAt),
    resolvedAt: resolvedAt === undefined ? undefined : isoTime(resolvedAt),
  }))
}
