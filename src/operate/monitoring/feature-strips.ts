import type { Metadata } from '../../stores/metadata/metadata.ts'
import type { DriftPoint, DriftVerdict } from './drift-window.ts'
import type { PresentWindows } from './model-monitor.ts'
import type { MonitoringReference } from './reference.ts'
import { type Stretch, stretchOf } from './stretch.ts'
import { listWindows, type MonitorWindow } from './window-store.ts'

/** A feature over time. */
export interface FeatureStrip {
  readonly feature: string
  /** Share of the model's gain, 0 to 1. */
  readonly importance: number
  /** The last judgement in the stretch of time. */
  readonly verdict: DriftVerdict
  readonly points: readonly Stretch<DriftPoint>[]
}

interface StripQuery {
  readonly model: string
  readonly from: number
  readonly to: number
  readonly features?: number
  readonly offset?: number
}

const FEATURES_SHOWN = 10
/** The last judgement of a feature is looked for in this many windows. */
const WINDOWS_BACK = 4
const MOST_ROWS = 10_000

/** A page of the features of the version that serves, the worst first: by drift times importance, then by importance. */
export async function featureStrips(
  metadata: Metadata,
  reference: MonitoringReference | undefined,
  present: PresentWindows | undefined,
  { model, from, to, features = FEATURES_SHOWN, offset = 0 }: StripQuery,
): Promise<{ total: number; offset: number; strips: FeatureStrip[] }> {
  if (reference === undefined) return { total: 0, offset, strips: [] }
  const since = Math.max(from, to - WINDOWS_BACK * reference.windowLength)
  const recent = await listWindows(metadata, { model, kind: 'data', from: since, until: to, limit: MOST_ROWS })
  const last = lastJudgements(recent.items)
  const ranked = reference.features
    .map(({ name, importance }, position) => {
      const point = last.get(name)
      const weight = point?.verdict === 'drifted' ? importance * (point.excess ?? 0) : 0
      return { name, importance, position, weight, verdict: point?.verdict ?? 'insufficient' }
    })
    .sort((a, b) => b.weight - a.weight || b.importance - a.importance)
  const page = ranked.slice(offset, offset + features)
  const strips = page.map(async ({ name, importance, position, verdict }): Promise<FeatureStrip> => {
    const kept = await listWindows(metadata, { model, kind: 'data', feature: name, from, until: to, limit: MOST_ROWS })
    const points = kept.items.map((window) => stretchOf<DriftPoint>(window))
    const counted = present?.features[position]
    if (present !== undefined && counted !== undefined && counted.n > 0) {
      const { from: start, to: end, version } = present.window
      points.push({ ...counted, from: start, to: end, version })
    }
    return { feature: name, importance, verdict, points }
  })
  return { total: ranked.length, offset, strips: await Promise.all(strips) }
}

/** The last point of each feature that was judged, else its last one. */
function lastJudgements(windows: readonly MonitorWindow[]): Map<string, DriftPoint> {
  const last = new Map<string, DriftPoint>()
  for (const { feature = '', payload } of windows) {
    const point = payload as DriftPoint
    if (point.verdict !== 'insufficient' || !last.has(feature)) last.set(feature, point)
  }
  return last
}
