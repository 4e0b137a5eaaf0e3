import { resampledAuc } from './auc.ts'
import { resampledBrierScore } from './brier-score.ts'
import { resampledLogLoss } from './log-loss.ts'
import type { Numbers } from './numbers.ts'
import { resampledMeanAbsoluteError, resampledRootMeanSquaredError, resampledRSquared } from './regression.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/** What a metric is for, which direction is better, and how it is computed from labels and predictions. */
export interface Metric {
  readonly task: 'binary' | 'regression'
  readonly better: 'higher' | 'lower'
  readonly prepare: (labels: Numbers, predictions: Numbers) => ResampledMetric
}

/** Every metric by which a model can be judged, by the name that a gate uses. */
export const metrics = {
  auc: { task: 'binary', better: 'higher', prepare: resampledAuc },
  log_loss: { task: 'binary', better: 'lower', prepare: resampledLogLoss },
  brier: { task: 'binary', better: 'lower', prepare: resampledBrierScore },
  rmse: { task: 'regression', better: 'lower', prepare: resampledRootMeanSquaredError },
  mae: { task: 'regression', better: 'lower', prepare: resampledMeanAbsoluteError },
  r2: { task: 'regression', better: 'higher', prepare: resampledRSquared },
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics
