import { HOUR } from '../../core/time.ts'
import type { Task } from '../../language/define/task.ts'
import { bootstrap } from '../../stats/intervals/bootstrap.ts'
import type { Estimate } from '../../stats/intervals/estimate.ts'
import { likeliestAnswers } from '../../stats/metrics/class-probabilities.ts'
import { type MetricName, metrics } from '../../stats/metrics/metrics.ts'
import { expectedCalibrationError, type ReliabilityBin, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { weightedMetric } from '../../stats/metrics/resampled-metric.ts'
import { type ClassesEvaluation, evaluateClasses } from './evaluate-classes.ts'
import type { MeanContributions } from './mean-contributions.ts'
import { rowsOfGroups, type Segmentation, takeRows } from './segments.ts'

/** How well a model did on rows that it has not seen. */
export interface Evaluation {
  readonly rows: number
  /** Whether rows count by weights of their own, in all metrics; absent: each counts once. */
  readonly weighted?: true
  /** Mean of the labels: for binary models the share of positives; of several classes the share of the most frequent one. */
  readonly labelMean: number
  /** Each metric of the task with its bootstrap interval; absent where it is not defined on these rows. */
  readonly metrics: Partial<Record<MetricName, Estimate>>
  /** Of a model of several classes. */
  readonly ofClasses?: ClassesEvaluation
  /** Of the scores as they are served; of several classes of the probability of the likeliest one (Guo et al. 2017, section 2). */
  readonly calibration?: { readonly error: number; readonly curve: readonly ReliabilityBin[] }
  /** Of the scores before the model's calibration, where it has one. */
  readonly uncalibrated?: { readonly error: number }
  /** What moves its scores; absent of a model that cannot be explained. */
  readonly contributions?: MeanContributions
  readonly segments: readonly SegmentEvaluation[]
}

export interface SegmentEvaluation {
  readonly column: string
  readonly name: string | null
  readonly rows: number
  readonly labelMean: number
  readonly metrics: Partial<Record<MetricName, number>>
}

/** Rows to judge a model on: what came, what was predicted, and when. */
export interface Judged {
  /** Of several classes the number of one. */
  readonly labels: Float64Array
  /** Of several classes row by row, of each class one. */
  readonly scores: Float64Array
  /** t of each row, microseconds. */
  readonly times: Float64Array
  /** How much each row counts; absent: once. */
  readonly weights?: Float64Array
  /** Which cluster of rows that depend on each other each belongs to; absent: those of an hour do. */
  readonly clusters?: Uint32Array
}

const FEWEST_ROWS_OF_A_SEGMENT = 100

/**
 * Evaluates scores against labels: metrics with 95% intervals, calibration, segments worst first.
 *
 * Rows of one hour share weather and congestion, so the bootstrap draws hours, not rows, unless they are clustered otherwise.
 *
 * @param segmentations groupings of the same rows
 * @param seed of the bootstrap
 * @param classes names of those that labels are the numbers of, where there are several
 */
export function evaluate(
  task: Task,
  judged: Judged,
  segmentations: readonly Segmentation[],
  seed: number,
  classes?: readonly string[],
): Evaluation {
  const { labels, scores, weights } = judged
  const clusters = clustersOf(judged)
  const names = metricsOf(task)
  const estimates: Partial<Record<MetricName, Estimate>> = {}
  for (const name of names) {
    const sample = { metric: weightedMetric(metrics[name].prepare(labels, scores), weights), rows: labels.length }
    const estimate = bootstrap(sample, { seed, clusters })
    if (estimate !== undefined) estimates[name] = estimate
  }
  return {
    rows: labels.length,
    ...(weights === undefined ? {} : { weighted: true }),
    labelMean: labelMeanOf(judged),
    metrics: estimates,
    ...(task === 'regression' ? {} : calibrationOf(judged)),
    ...(classes === undefined ? {} : { ofClasses: evaluateClasses(classes, judged, { seed, clusters }) }),
    segments: segmentations.flatMap((segmentation) => evaluateSegments(names, judged, segmentation)),
  }
}

/** The metrics that a task is judged by. */
export function metricsOf(task: Task): MetricName[] {
  return (Object.keys(metrics) as MetricName[]).filter((name) => tasksOf(name).includes(task))
}

function tasksOf(name: MetricName): readonly Task[] {
  return metrics[name].tasks
}

/** The cluster of each row: its own, or else its hour. */
export function clustersOf({ clusters, times }: Judged): Uint32Array {
  return clusters ?? hoursOf(times)
}

/** Numbers the hours in which rows lie, from 0 in order of first appearance. */
export function hoursOf(times: Float64Array): Uint32Array {
  const numbers = new Map<number, number>()
  return Uint32Array.from(times, (time) => {
    const hour = Math.floor(time / HOUR)
    const known = numbers.get(hour)
    if (known !== undefined) return known
    numbers.set(hour, numbers.size)
    return numbers.size - 1
  })
}

function calibrationOf(judged: Judged): Pick<Evaluation, 'calibration'> {
  const { labels, scores } = judged
  const outputs = outputsOf(judged)
  const told = outputs === 1 ? { right: labels, scores } : likeliestAnswers(labels, scores, outputs)
  const curve = reliabilityCurve(told.right, told.scores)
  const error = expectedCalibrationError(curve)
  return error === undefined ? {} : { calibration: { error, curve } }
}

function evaluateSegments(
  names: readonly MetricName[],
  judged: Judged,
  segmentation: Segmentation,
): SegmentEvaluation[] {
  const evaluated: SegmentEvaluation[] = []
  for (const [group, rows] of rowsOfGroups(segmentation).entries()) {
    if (rows.length < FEWEST_ROWS_OF_A_SEGMENT) continue
    const labels = takeRows(judged.labels, rows)
    const scores = takeRows(judged.scores, rows, outputsOf(judged))
    const weights = judged.weights === undefined ? undefined : takeRows(judged.weights, rows)
    const values: Partial<Record<MetricName, number>> = {}
    for (const name of names) {
      const value = weightedMetric(metrics[name].prepare(labels, scores), weights)()
      if (value !== undefined) values[name] = value
    }
    const name = segmentation.names[group] ?? null
    const labelMean = labelMeanOf({ labels, scores })
    evaluated.push({ column: segmentation.column, name, rows: rows.length, labelMean, metrics: values })
  }
  const { better } = metrics[names[0]!]
  const sign = better === 'higher' ? 1 : -1
  const rank = (segment: SegmentEvaluation): number => {
    const value = segment.metrics[names[0]!]
    return value === undefined ? Number.POSITIVE_INFINITY : sign * value
  }
  return evaluated.sort((a, b) => rank(a) - rank(b))
}

/** Scores of a row: as many as classes, or one. */
export function outputsOf({ labels, scores }: Pick<Judged, 'labels' | 'scores'>): number {
  return labels.length === 0 ? 1 : scores.length / labels.length
}

function labelMeanOf(judged: Pick<Judged, 'labels' | 'scores'>): number {
  const { labels } = judged
  if (outputsOf(judged) === 1) return meanOf(labels)
  const counts = new Array<number>(outputsOf(judged)).fill(0)
  for (const label of labels) counts[label]! += 1
  return Math.max(...counts) / labels.length
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
