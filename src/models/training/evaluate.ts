import { HOUR } from '../../core/time.ts'
import type { Task } from '../../language/define/task.ts'
import { bootstrap } from '../../stats/intervals/bootstrap.ts'
import type { Estimate } from '../../stats/intervals/estimate.ts'
import { type MetricName, metrics } from '../../stats/metrics/metrics.ts'
import { expectedCalibrationError, type ReliabilityBin, reliabilityCurve } from '../../stats/metrics/reliability.ts'
import { weightedMetric } from '../../stats/metrics/resampled-metric.ts'
import type { MeanContributions } from './mean-contributions.ts'
import { rowsOfGroups, type Segmentation, takeRows } from './segments.ts'

/** How well a model did on rows that it has not seen. */
export interface Evaluation {
  readonly rows: number
  /** Whether rows count by weights of their own, in all metrics; absent: each counts once. */
  readonly weighted?: true
  /** Mean of the labels: for binary models the share of positives. */
  readonly labelMean: number
  /** Each metric of the task with its bootstrap interval; absent where it is not defined on these rows. */
  readonly metrics: Partial<Record<MetricName, Estimate>>
  /** Of the scores as they are served. */
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
  readonly labels: Float64Array
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
 */
export function evaluate(task: Task, judged: Judged, segmentations: readonly Segmentation[], seed: number): Evaluation {
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
    labelMean: meanOf(labels),
    metrics: estimates,
    ...(task === 'binary' ? calibrationOf(labels, scores) : {}),
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

function calibrationOf(labels: Float64Array, scores: Float64Array): Pick<Evaluation, 'calibration'> {
  const curve = reliabilityCurve(labels, scores)
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
    const scores = takeRows(judged.scores, rows)
    const weights = judged.weights === undefined ? undefined : takeRows(judged.weights, rows)
    const values: Partial<Record<MetricName, number>> = {}
    for (const name of names) {
      const value = weightedMetric(metrics[name].prepare(labels, scores), weights)()
      if (value !== undefined) values[name] = value
    }
    const name = segmentation.names[group] ?? null
    evaluated.push({ column: segmentation.column, name, rows: rows.length, labelMean: meanOf(labels), metrics: values })
  }
  const { better } = metrics[names[0]!]
  const sign = better === 'higher' ? 1 : -1
  const rank = (segment: SegmentEvaluation): number => {
    const value = segment.metrics[names[0]!]
    return value === undefined ? Number.POSITIVE_INFINITY : sign * value
  }
  return evaluated.sort((a, b) => rank(a) - rank(b))
}

function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return values.length === 0 ? 0 : sum / values.length
}
