import type { Task } from '../../language/define/task.ts'
import { resampledAccuracy } from './accuracy.ts'
import { resampledAuc } from './auc.ts'
import { resampledBrierScore } from './brier-score.ts'
import { resampledLogLoss } from './log-loss.ts'
import { resampledMacroAuc } from './macro-auc.ts'
import { resampledMacroF1 } from './macro-f1.ts'
import type { Numbers } from './numbers.ts'
import { resampledMeanAbsoluteError, resampledRootMeanSquaredError, resampledRSquared } from './regression.ts'
import type { ResampledMetric } from './resampled-metric.ts'

/**
 * What a metric is for, which direction is better, and how it is computed from labels and predictions: one for each label, or of
 * several classes as many as there are, row by row.
 */
export interface Metric {
  readonly tasks: readonly Task[]
  readonly better: 'higher' | 'lower'
  readonly prepare: (labels: Numbers, predictions: Numbers) => ResampledMetric
}

/** Every metric by which a model can be judged, by the name that a gate uses. */
export const metrics = {
  auc: { tasks: ['binary'], better: 'higher', prepare: resampledAuc },
  log_loss: { tasks: ['binary', 'multiclass'], better: 'lower', prepare: resampledLogLoss },
  brier: { tasks: ['binary'], better: 'lower', prepare: resampledBrierScore },
  accuracy: { tasks: ['multiclass'], better: 'higher', prepare: resampledAccuracy },
  macro_auc: { tasks: ['multiclass'], better: 'higher', prepare: resampledMacroAuc },
  macro_f1: { tasks: ['multiclass'], better: 'higher', prepare: resampledMacroF1 },
  rmse: { tasks: ['regression'], better: 'lower', prepare: resampledRootMeanSquaredError },
  mae: { tasks: ['regression'], better: 'lower', prepare: resampledMeanAbsoluteError },
  r2: { tasks: ['regression'], better: 'higher', prepare: resampledRSquared },
} as const satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics
