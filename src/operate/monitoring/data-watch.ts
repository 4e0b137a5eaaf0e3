import { driftWording, missingWording, scoreWording, type VersionName } from './alert-wording.ts'
import type { Finding } from './conditions.ts'
import { type FeatureGroup, groupsOf, groupVerdict, missingVerdict } from './drift-groups.ts'
import type { DriftPoint, DriftVerdict } from './drift-window.ts'
import type { WindowVerdict } from './persistence.ts'
import type { PredictionPoint } from './prediction-window.ts'
import type { MonitoringReference } from './reference.ts'

/** What a window of features means: one finding a group of correlated features, and one on missing values. */
export function featureFindings(
  name: VersionName,
  reference: MonitoringReference,
  points: readonly DriftPoint[],
  from: number,
): Finding[] {
  const { features } = reference
  const findings = groupsOf(features).map((group: FeatureGroup): Finding => {
    const { verdict, drifted } = groupVerdict(group, features, points)
    const describe = (since: number) => driftWording(name, drifted, reference, since)
    return { kind: 'data_drift', feature: group.leader, verdict, from, describe }
  })
  const { verdict, missing } = missingVerdict(features, points)
  const describe = (since: number) => missingWording(name, missing, reference, since)
  return [...findings, { kind: 'missing_values', verdict, from, describe }]
}

const verdicts: Readonly<Record<DriftVerdict, WindowVerdict>> = {
  drifted: 'bad',
  stable: 'good',
  insufficient: 'unknown',
}

/** What a window of scores means. */
export function scoreFinding(
  name: VersionName,
  reference: MonitoringReference,
  point: PredictionPoint,
  from: number,
): Finding {
  const describe = (since: number) => scoreWording(name, point, reference, since)
  return { kind: 'prediction_drift', verdict: verdicts[point.drift.verdict], from, describe }
}
