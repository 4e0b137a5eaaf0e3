import { TruelineError } from '../../../core/errors.ts'
import type { RetrainDefinition } from '../../../language/define/retrain-definition.ts'
import type { Alert } from '../../../operate/monitoring/alert-store.ts'
import { judgeBatch, type NewBatch } from '../../../operate/retraining/judge-batch.ts'
import type { OpenAlert } from '../../../operate/retraining/triggers.ts'
import type { Monitors } from '../monitors.ts'
import { refuseBadData } from '../quality-release.ts'
import type { NewLabels } from './count-labels.ts'
import type { RetrainingParts } from './retraining-parts.ts'

/** The open alerts that may lead to a training. */
export function triggersAmong(alerts: readonly Alert[]): OpenAlert[] {
  return alerts.flatMap(({ id, kind, openedAt, effect }) => {
    if (kind !== 'data_drift' && kind !== 'performance_drop') return []
    const { features, shortfall } = effect as Pick<OpenAlert, 'features' | 'shortfall'>
    return [
      {
        ...{ id, kind, since: openedAt },
        ...(features === undefined ? {} : { features }),
        ...(shortfall === undefined ? {} : { shortfall }),
      },
    ]
  })
}

/** Why the new rows are not to be learnt from in small steps; undefined when nothing speaks against them. */
export async function badBatchOf(
  parts: RetrainingParts,
  model: string,
  champion: number,
  { continuous }: RetrainDefinition,
  labels: NewLabels,
): Promise<string | undefined> {
  if (continuous === undefined) return undefined
  try {
    await refuseBadData(parts, model, champion)
  } catch (thrown) {
    if (thrown instanceof TruelineError && thrown.code === 'quality_gate_failed') return thrown.message
    throw thrown
  }
  const performance = performanceOf(parts.monitors, model, parts.clock.now())
  const batch = { ...labels, ...(performance === undefined ? {} : { performance }) }
  return judgeBatch(batch, continuous.guard)
}

/** How what serves does on the last cohort of outcomes. */
function performanceOf(monitors: Monitors, model: string, now: number): NewBatch['performance'] {
  const state = monitors.of(model)?.state(now)
  const estimate = state?.lastOutcome?.point.metric
  if (state?.expected === undefined || estimate === undefined) return undefined
  const { metric, value: expected } = state.expected
  const higherIsBetter = metric === 'auc'
  const { value, low, high } = estimate
  return { metric, expected, value, kindest: higherIsBetter ? high : low, higherIsBetter }
}
