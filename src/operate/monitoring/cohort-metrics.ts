import { asTruelineError } from '../../core/errors.ts'
import type { Task } from '../../language/define/task.ts'
import { delong } from '../../stats/intervals/delong.ts'
import { type Estimate, normalEstimate } from '../../stats/intervals/estimate.ts'
import { auc } from '../../stats/metrics/auc.ts'
import { brierScore } from '../../stats/metrics/brier-score.ts'
import { likeliestAnswers } from '../../stats/metrics/class-probabilities.ts'
import { logLoss, multinomialLosses } from '../../stats/metrics/log-loss.ts'
import { resampledMacroAuc } from '../../stats/metrics/macro-auc.ts'
import type { MetricName } from '../../stats/metrics/metrics.ts'
import { expectedCalibrationError, reliabilityCurve } from '../../stats/metrics/reliability.ts'

/** What outcomes are judged by. */
export const monitoredMetrics = { binary: 'auc', regression: 'rmse', multiclass: 'log_loss' } as const satisfies Record<
  Task,
  MetricName
>

export type CohortMetric = (typeof monitoredMetrics)[Task]

/** What outcomes say about the predictions of a cohort; figures that are not defined on its rows are absent. */
export interface CohortFigures {
  /** Rows with a label. */
  readonly n: number
  /** The metric of the task with its 95% interval. */
  readonly metric?: Estimate
  /** Rows whose label is above 0: for binary tasks the positive ones; of several classes those whose likeliest came true. */
  readonly positives: number
  /** Mean of the labels and of the scores; of several classes the share whose likeliest came true, and its mean probability. */
  readonly baseRate?: number
  readonly meanScore?: number
  readonly logLoss?: number
  readonly brier?: number
  /** Of several classes: of the probability of the likeliest one (Guo et al., "On Calibration of Modern Neural Networks", 2017). */
  readonly calibrationError?: number
  /** Of several classes: the share whose likeliest came true, and the mean over classes of the AUC of each against all others. */
  readonly accuracy?: number
  readonly macroAuc?: number
  /** Why nothing could be said about rows that have labels: what measuring them threw. */
  readonly fault?: string
}

/** The figures of a cohort; where they cannot be computed none, and why. */
export function figuresOrFault(task: Task, labels: Float64Array, scores: Float64Array): CohortFigures {
  try {
    return measureCohort(task, labels, scores)
  } catch (thrown) {
    return withoutFigures(asTruelineError(thrown).message)
  }
}

export function withoutFigures(fault: string): CohortFigures {
  return { n: 0, positives: 0, fault }
}

/**
 * Measures a cohort: for a binary task AUC with DeLong's interval, log loss, Brier score and calibration; for a regression
 * the root mean squared error with an interval by the delta method. Scores of a binary task that are no probabilities are
 * judged by AUC alone. Of several classes the log loss with an interval of the mean, as it is defined for a cohort that lacks a class, too.
 * @param labels 0 or 1 for a binary task, the number of a class for one of several
 * @param scores of each label one, or of several classes as many as there are
 */
export function measureCohort(task: Task, labels: Float64Array, scores: Float64Array): CohortFigures {
  const n = labels.length
  if (n === 0) return { n, positives: 0 }
  if (task === 'multiclass') return measureClasses(labels, scores)
  const means = {
    positives: labels.filter((label) => label > 0).length,
    baseRate: mean(labels),
    meanScore: mean(scores),
  }
  if (task === 'regression') return { n, ...means, ...given('metric', rootMeanSquare(labels, scores)) }
  const binary = labels.every((label) => label === 0 || label === 1)
  if (!binary) return { n, ...means }
  const probabilities = scores.every((score) => score >= 0 && score <= 1)
  return {
    n,
    ...means,
    ...given('metric', areaUnderCurve(labels, scores)),
    ...(probabilities ? given('logLoss', logLoss(labels, scores)) : {}),
    ...(probabilities ? given('brier', brierScore(labels, scores)) : {}),
    ...(probabilities ? given('calibrationError', expectedCalibrationError(reliabilityCurve(labels, scores))) : {}),
  }
}

function measureClasses(labels: Float64Array, probabilities: Float64Array): CohortFigures {
  const n = labels.length
  const classes = probabilities.length / n
  const { right, scores } = likeliestAnswers(labels, probabilities, classes)
  const accuracy = mean(Float64Array.from(right))
  const losses = multinomialLosses(labels, probabilities)
  const estimate = n < 2 ? undefined : meanEstimate(losses)
  return {
    ...{ n, positives: right.reduce((sum, one) => sum + one, 0), baseRate: accuracy, accuracy },
    meanScore: mean(scores),
    logLoss: mean(losses),
    ...given('metric', estimate),
    ...given('macroAuc', resampledMacroAuc(labels, probabilities)()),
    ...given('calibrationError', expectedCalibrationError(reliabilityCurve(right, scores))),
  }
}

/** A mean that cannot be below 0, with its interval by the central limit theorem. */
function meanEstimate(values: Float64Array): Estimate {
  const value = mean(values)
  const spread = values.reduce((sum, one) => sum + (one - value) ** 2, 0) / (values.length - 1)
  const estimate = normalEstimate(value, Math.sqrt(spread / values.length))
  return { ...estimate, low: Math.max(0, estimate.low) }
}

/** Where the scores part the classes perfectly DeLong knows no error: one over the size of the rarer class stands in. */
function areaUnderCurve(labels: Float64Array, scores: Float64Array): Estimate | undefined {
  const estimate = delong(labels, scores)
  if (estimate !== undefined) return estimate
  const value = auc(labels, scores)
  const positives = labels.reduce((sum, label) => sum + label, 0)
  const rarer = Math.min(positives, labels.length - positives)
  if (value === undefined || rarer < 2) return undefined
  const { low, high, standardError, confidence } = normalEstimate(value, 1 / rarer)
  return { value, standardError, low: Math.max(0, low), high: Math.min(1, high), confidence }
}

function rootMeanSquare(labels: Float64Array, scores: Float64Array): Estimate | undefined {
  if (labels.length < 2) return undefined
  const squares = labels.map((label, row) => (scores[row]! - label) ** 2)
  const meanSquare = mean(squares)
  const value = Math.sqrt(meanSquare)
  if (value === 0) return normalEstimate(0, 0)
  const spread = squares.reduce((sum, square) => sum + (square - meanSquare) ** 2, 0) / (squares.length - 1)
  const estimate = normalEstimate(value, Math.sqrt(spread / squares.length) / (2 * value))
  return { ...estimate, low: Math.max(0, estimate.low) }
}

function mean(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

function given<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: Value })
}
