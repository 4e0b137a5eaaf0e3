import type { DriftPoint } from './drift-window.ts'
import type { WindowVerdict } from './persistence.ts'
import type { FeatureReference } from './reference.ts'

/** Features that move together; an alert is about a group, not about each of them. */
export interface FeatureGroup {
  /** The most important feature, which names the group. */
  readonly leader: string
  /** Positions in the reference, the most important first. */
  readonly members: readonly number[]
}

/** A feature of a window that drifted, with what it means for the model. */
export interface DriftedFeature {
  readonly feature: string
  readonly importance: number
  readonly point: DriftPoint
  /** Importance times the index in excess of what is usual. */
  readonly weight: number
}

/** A group that is open: its features drifted for long enough. */
export interface DriftedGroup {
  readonly leader: string
  /** Start of the first window in which it drifted, microseconds. */
  readonly since: number
  /** The weightiest first; empty when it has not drifted since a restart. */
  readonly drifted: readonly DriftedFeature[]
}

/** A drifted feature matters to the model from this share of its gain on, or half of a fair share where there are many. */
const SMALLEST_IMPORTANCE = 0.005

/** The groups of a reference, the most important first. */
export function groupsOf(features: readonly FeatureReference[]): FeatureGroup[] {
  const byGroup = new Map<number, number[]>()
  const order = [...features.keys()].sort((a, b) => features[b]!.importance - features[a]!.importance)
  for (const position of order) {
    const { group } = features[position]!
    byGroup.set(group, [...(byGroup.get(group) ?? []), position])
  }
  return [...byGroup.values()].map((members) => ({ leader: features[members[0]!]!.name, members }))
}

/** Whether drift of a feature is worth a ticket: what the model hardly uses is shown, but alerts nobody. */
export function matters({ importance }: FeatureReference, features: number): boolean {
  return importance >= Math.min(SMALLEST_IMPORTANCE, 0.5 / features)
}

/**
 * What a window says about a group: `bad` when a member that matters drifted for another reason than missing values,
 * `unknown` when no member could be judged.
 */
export function groupVerdict(
  group: FeatureGroup,
  features: readonly FeatureReference[],
  points: readonly DriftPoint[],
): { readonly verdict: WindowVerdict; readonly drifted: readonly DriftedFeature[] } {
  const judged = group.members.filter((position) => points[position]!.verdict !== 'insufficient')
  const drifted = judged
    .filter((position) => points[position]!.verdict === 'drifted' && !points[position]!.missingRose)
    .filter((position) => matters(features[position]!, features.length))
    .map((position) => driftedFeature(features[position]!, points[position]!))
    .sort((a, b) => b.weight - a.weight)
  return { verdict: drifted.length > 0 ? 'bad' : judged.length > 0 ? 'good' : 'unknown', drifted }
}

/** Features whose values are missing more often than is usual, the most important first; `unknown` when none was judged. */
export function missingVerdict(
  features: readonly FeatureReference[],
  points: readonly DriftPoint[],
): { readonly verdict: WindowVerdict; readonly missing: readonly DriftedFeature[] } {
  const judged = [...points.keys()].filter((position) => points[position]!.verdict !== 'insufficient')
  const missing = judged
    .filter((position) => points[position]!.missingRose && matters(features[position]!, features.length))
    .map((position) => driftedFeature(features[position]!, points[position]!))
    .sort((a, b) => b.importance - a.importance)
  return { verdict: missing.length > 0 ? 'bad' : judged.length > 0 ? 'good' : 'unknown', missing }
}

function driftedFeature({ name, importance }: FeatureReference, point: DriftPoint): DriftedFeature {
  return { feature: name, importance, point, weight: importance * (point.excess ?? 0) }
}
