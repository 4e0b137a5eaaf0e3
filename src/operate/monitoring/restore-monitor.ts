import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { AlertDesk } from './alert-desk.ts'
import type { AlertKind } from './alert-kinds.ts'
import { listAlerts } from './alert-store.ts'
import type { Conditions } from './conditions.ts'
import type { DataWatch } from './data-watch.ts'
import type { DriftPoint } from './drift-window.ts'
import type { LastOutcome } from './monitor-state.ts'
import type { OutcomePoint, OutcomeWatch } from './outcome-watch.ts'
import type { PredictionPoint } from './prediction-window.ts'
import type { MonitoringReference } from './reference.ts'
import { scoreFinding } from './score-finding.ts'
import { listWindows, type MonitorKind, type MonitorWindow } from './window-store.ts'

/** Windows of this many lengths back are looked at again: persistence needs three. */
const WINDOWS_BACK = 5
const MOST_ROWS = 10_000

/** Kinds of alerts about the service, whatever version serves. */
const serviceKinds: readonly AlertKind[] = ['latency_slo', 'error_rate']
/** Kinds of alerts about a version: they end when another one serves. */
const versionKinds: readonly AlertKind[] = [
  'data_drift',
  'missing_values',
  'prediction_drift',
  'performance_drop',
  'label_coverage',
]

/** What a monitor is to be restored into. */
export interface RestoreTarget {
  readonly model: string
  readonly version: number
  readonly reference: MonitoringReference
  readonly now: number
  readonly ofVersion: Conditions
  readonly ofService: Conditions
  readonly data: DataWatch
  readonly outcomes: OutcomeWatch
}

/** What the store knows about cohorts: those before `judgedUntil` were judged. */
export interface RestoredOutcomes {
  readonly judgedUntil: number
  readonly lastOutcome: LastOutcome | undefined
}

/** Brings conditions and outcomes to where they stood when the windows in the store were judged. */
export async function restoreMonitor(
  metadata: Metadata,
  desk: AlertDesk,
  target: RestoreTarget,
): Promise<RestoredOutcomes> {
  await restoreAlerts(metadata, desk, target)
  await replayWindows(metadata, target)
  return await replayOutcomes(metadata, target)
}

async function restoreAlerts(metadata: Metadata, desk: AlertDesk, target: RestoreTarget): Promise<void> {
  const { model, version, ofVersion, ofService, data } = target
  const { items } = await listAlerts(metadata, { model, state: 'open', limit: MOST_ROWS })
  for (const { kind, feature, evidence, openedAt } of items) {
    const known = evidence as {
      readonly version?: number
      readonly since?: number
      readonly groups?: readonly string[]
    }
    const condition = { kind, feature, since: known.since ?? openedAt }
    if (serviceKinds.includes(kind)) ofService.restore(condition)
    else if (versionKinds.includes(kind) && known.version === version) {
      ofVersion.restore(condition)
      data.restore(known.groups ?? [], condition.since)
    } else if (versionKinds.includes(kind)) {
      const subject = feature === undefined ? { model, kind } : { model, kind, feature }
      await desk.resolve(subject, `Version ${version} serves now.`)
    }
  }
}

async function replayWindows(metadata: Metadata, target: RestoreTarget): Promise<void> {
  const { version, reference, now, ofVersion, data } = target
  const from = now - WINDOWS_BACK * reference.windowLength
  const name = { model: target.model, version }
  const points = new Map<number, Map<string, DriftPoint>>()
  for (const { start, feature, payload } of await windowsOf(metadata, target, 'data', { version, from })) {
    const byFeature = points.get(start) ?? new Map<string, DriftPoint>()
    points.set(start, byFeature.set(feature ?? '', payload as DriftPoint))
  }
  for (const [start, byFeature] of points) {
    const ordered = reference.features.map((feature) => byFeature.get(feature.name))
    if (ordered.includes(undefined)) continue
    for (const finding of data.take(name, ordered as DriftPoint[], start)) ofVersion.replay(finding)
  }
  for (const { start, payload } of await windowsOf(metadata, target, 'prediction', { version, from }))
    ofVersion.replay(scoreFinding(name, reference, payload as PredictionPoint, start))
}

async function replayOutcomes(metadata: Metadata, target: RestoreTarget): Promise<RestoredOutcomes> {
  const { version, ofVersion, outcomes } = target
  let judgedUntil = Number.NEGATIVE_INFINITY
  let lastOutcome: LastOutcome | undefined
  for (const window of await windowsOf(metadata, target, 'outcome', {})) {
    const until = window.start + window.length
    judgedUntil = Math.max(judgedUntil, until)
    if (window.version !== version) continue
    const point = window.payload as OutcomePoint
    lastOutcome = { until, point }
    for (const finding of outcomes.take({ model: target.model, version }, point, window.start, until))
      ofVersion.replay(finding)
  }
  return { judgedUntil, lastOutcome }
}

async function windowsOf(
  metadata: Metadata,
  { model }: RestoreTarget,
  kind: MonitorKind,
  filter: { readonly version?: number; readonly from?: number },
): Promise<readonly MonitorWindow[]> {
  const windows: MonitorWindow[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const request = { model, kind, limit: MOST_ROWS, ...filter, ...(cursor === undefined ? {} : { cursor }) }
    const page = await listWindows(metadata, request)
    windows.push(...page.items)
    cursor = page.next
  }
  return windows
}
