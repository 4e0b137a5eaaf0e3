import { alertFigures } from '../../src/operate/monitoring/alert-figures.ts'
import { type AlertKind, alertKinds } from '../../src/operate/monitoring/alert-kinds.ts'
import type { Alert, AlertDetail } from '../../src/platform/api/contract.ts'
import { DAY, HOUR } from './fixture-data.ts'

/** One alert with what monitors write of its kind. */
export function alertDetail(alert: Alert): AlertDetail {
  const kind = alert.kind as AlertKind
  const figures = alertFigures({ kind, ...writtenOf(alert) })
  return { ...alert, meaning: alertKinds[kind].meaning, ...figures } as AlertDetail
}

function writtenOf({ kind, feature = 'distance_mi', openedAt }: Alert): { evidence: object; effect: object } {
  if (kind === 'budget_burning_fast') {
    const [long, short] = [HOUR, HOUR / 12].map((over) => ({ over, rate: 18.2 }))
    return {
      evidence: { since: openedAt, objectives: [{ objective: 'latency', threshold: 14.4, long, short }] },
      effect: { left: [{ objective: 'latency', left: 0.31 }] },
    }
  }
  if (kind === 'prediction_drift')
    return {
      evidence: { version: 7, since: openedAt - 3 * DAY },
      effect: { psi: 0.19, usual: 0.021, js: 0.118, ks: 0.14, mean: 0.171 },
    }
  if (kind === 'performance_drop')
    return {
      evidence: { version: 7, low: 0.729, high: 0.747, cohorts: 3, short: 3 },
      effect: { metric: 'auc', value: 0.738, expected: 0.761, shortfall: 0.023 },
    }
  const measures = { psi: 0.29, usual: 0.034, js: 0.142, ks: 0.17, missing: 0.004 }
  return {
    evidence: { version: 7, since: openedAt - 2 * DAY, groups: [feature, 'distance_mi'] },
    effect: {
      features: [
        { feature, importance: 0.114, ...measures },
        { feature: 'distance_mi', importance: 0.021, ...measures, usual: undefined },
      ],
    },
  }
}
