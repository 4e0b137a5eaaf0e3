import { scoreWording, type VersionName } from './alert-wording.ts'
import type { Finding } from './conditions.ts'
import type { DriftVerdict } from './drift-window.ts'
import type { WindowVerdict } from './persistence.ts'
import type { PredictionPoint } from './prediction-window.ts'
import type { MonitoringReference } from './reference.ts'

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
