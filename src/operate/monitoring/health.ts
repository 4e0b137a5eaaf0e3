import { DAY, HOUR } from '../../core/time.ts'
import type { Metadata } from '../../stores/metadata/metadata.ts'
import { type Alert, listAlerts } from './alert-store.ts'
import { type FeatureStrip, featureStrips } from './feature-strips.ts'
import type { ModelMonitor, PresentWindows } from './model-monitor.ts'
import type { OutcomePoint } from './outcome-watch.ts'
import type { PredictionPoint } from './prediction-window.ts'
import type { ExpectedMetric } from './reference.ts'
import { describeModel, type Health, healthOf, type ModelSummary } from './sentences.ts'
import type { ServicePoint } from './service-window.ts'
import { type Stretch, stretchOf } from './stretch.ts'
import { firstWindow, listWindows, type MonitorKind } from './window-store.ts'

/** Everything that is shown of a model's health in a stretch of time. */
export interface HealthReport {
  readonly model: string
  readonly health: Health
  readonly sentence: string
  readonly now: number
  /** Absent when nothing serves. */
  readonly version?: number
  readonly from: number
  readonly to: number
  readonly expected?: ExpectedMetric
  readonly service: readonly Stretch<ServicePoint>[]
  readonly features: { readonly total: number; readonly offset: number; readonly strips: readonly FeatureStrip[] }
  readonly prediction: readonly Stretch<PredictionPoint>[]
  /** Mature cohorts, then those that are not. */
  readonly outcome: readonly Stretch<OutcomePoint>[]
  /** Alerts that were open at some time in the stretch, those opened last first; at most a thousand. */
  readonly alerts: readonly Alert[]
}

/** What is asked for: by default the thirty days until now, or as many of them as something is known of, and the ten worst features. */
export interface HealthQuery {
  readonly model: string
  readonly now: number
  /** Why it could not be judged when that was last tried. */
  readonly fault?: string | undefined
  /** Why the version that was promoted last cannot serve, and what mends that. */
  readonly unserved?: ModelSummary['unserved']
  /** No platform runs: this is what its directory says. */
  readonly atRest?: boolean
  /** Microseconds: from inclusive, to exclusive. */
  readonly from?: number
  readonly to?: number
  /** Where `from` is not given: everything that is kept, in place of the last thirty days. */
  readonly all?: boolean
  /** How many features, and how many of the worse ones to leave out. */
  readonly features?: number
  readonly offset?: number
}

const USUAL_RANGE = 30 * DAY
/** Up to this range the service is shown by the hour, beyond it by the window. */
const HOURLY_RANGE = 8 * DAY
const MOST_ALERTS = 1000
const MOST_ROWS = 10_000

/**
 * The health of a model from the windows that were kept and those that are being counted.
 * @param monitor undefined when nothing serves
 */
export async function readHealth(
  metadata: Metadata,
  monitor: ModelMonitor | undefined,
  query: HealthQuery,
): Promise<HealthReport> {
  const { model, now, fault, unserved, atRest = false } = query
  const to = query.to ?? now
  const from = query.from ?? (await startOf(metadata, monitor !== undefined, query, to))
  const present = monitor !== undefined && now >= from && now <= to ? await monitor.present(now) : undefined
  const open = (await listAlerts(metadata, { model, state: 'open', limit: MOST_ALERTS })).items
  const state = monitor?.state(now)
  const summary = { name: model, now, alerts: open, fault, unserved, atRest, ...(state === undefined ? {} : { state }) }
  const range = { model, from, until: to }
  return {
    ...{ model, now, from, to },
    health: healthOf(summary),
    sentence: describeModel(summary),
    ...(state === undefined ? {} : { version: state.version }),
    ...(state?.expected === undefined ? {} : { expected: state.expected }),
    service: await serviceOf(metadata, range, monitor?.reference.windowLength ?? DAY, present),
    features: await featureStrips(metadata, monitor?.reference, present, { ...query, from, to }),
    prediction: await predictionOf(metadata, range, present),
    outcome: await outcomeOf(metadata, range, present),
    alerts: await alertsOf(metadata, range),
  }
}

/** Where what is shown begins: no day before the first of which something is known, and a day ago at the latest. */
async function startOf(
  metadata: Metadata,
  isWatched: boolean,
  { model, all = false }: HealthQuery,
  to: number,
): Promise<number> {
  const usual = to - USUAL_RANGE
  const first = (await firstWindow(metadata, model)) ?? (isWatched ? to : undefined)
  if (first === undefined) return usual
  const known = Math.min(Math.floor(first / DAY) * DAY, to - DAY)
  return all ? known : Math.max(usual, known)
}

interface Range {
  readonly model: string
  readonly from: number
  readonly until: number
}

async function serviceOf(
  metadata: Metadata,
  range: Range,
  windowLength: number,
  present?: PresentWindows,
): Promise<Stretch<ServicePoint>[]> {
  const hourly = range.until - range.from <= HOURLY_RANGE || windowLength <= HOUR
  const length = hourly ? { longest: HOUR } : { shortest: HOUR + 1 }
  const kept = await windowsOf<ServicePoint>(metadata, range, 'service', length)
  const counted = hourly ? present?.hour : present?.window
  // An hour that was not whole when the platform stopped is known of its window alone.
  if (hourly && kept.length === 0 && present !== undefined && present.hour.service.n === 0) {
    const { service: ofWindow, ...window } = present.window
    if (ofWindow.n > 0) return [{ ...ofWindow, from: window.from, to: window.to, version: window.version }]
  }
  if (counted === undefined || counted.service.n === 0) return kept
  const { from, to, version, service } = counted
  return [...kept, { ...service, from, to, version }]
}

async function predictionOf(
  metadata: Metadata,
  range: Range,
  present?: PresentWindows,
): Promise<Stretch<PredictionPoint>[]> {
  const kept = await windowsOf<PredictionPoint>(metadata, range, 'prediction')
  if (present?.prediction === undefined) return kept
  const { from, to, version } = present.window
  return [...kept, { ...present.prediction, from, to, version }]
}

async function outcomeOf(metadata: Metadata, range: Range, present?: PresentWindows): Promise<Stretch<OutcomePoint>[]> {
  const kept = await windowsOf<OutcomePoint>(metadata, range, 'outcome')
  // A cohort may have been judged since it was looked at.
  const judged = new Set(kept.map(({ version, from }) => `${version} ${from}`))
  const immature = (present?.outcomes ?? []).filter(({ version, from }) => !judged.has(`${version} ${from}`))
  return [...kept, ...immature.filter(({ from }) => from >= range.from && from < range.until)]
}

async function alertsOf(metadata: Metadata, { model, from, until }: Range): Promise<Alert[]> {
  const { items } = await listAlerts(metadata, { model, until, limit: MOST_ALERTS })
  return items.filter(({ resolvedAt }) => resolvedAt === undefined || resolvedAt >= from)
}

async function windowsOf<Point>(
  metadata: Metadata,
  range: Range,
  kind: MonitorKind,
  length: { readonly shortest?: number; readonly longest?: number } = {},
): Promise<Stretch<Point>[]> {
  const { items } = await listWindows(metadata, { ...range, kind, limit: MOST_ROWS, ...length })
  return items.map((window) => stretchOf<Point>(window))
}
