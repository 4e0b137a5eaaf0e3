import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TrainerDefinition } from '../../language/define/trainer-definition.ts'
import { type MetricName, metrics } from '../../stats/metrics/metrics.ts'
import { weightedMetric } from '../../stats/metrics/resampled-metric.ts'
import type { Candidate } from './candidate.ts'
import type { Dataset } from './dataset.ts'
import { metricsOf } from './evaluate.ts'
import { scoreRows } from './score-rows.ts'
import type { Fold } from './time-folds.ts'
import { type LearningTask, trainCandidate } from './train-candidate.ts'
import type { RowRange } from './weigh-rows.ts'

/** How well a trainer does at several times, each time on rows after those that it learns from. */
export interface FoldsEvaluation {
  readonly folds: readonly FoldEvaluation[]
  /** Over the folds: the mean of a metric, and how far they spread as its standard deviation (n - 1). */
  readonly metrics: Partial<Record<MetricName, { readonly mean: number; readonly deviation: number }>>
}

export interface FoldEvaluation {
  /** t of the judged rows, microseconds: from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
  /** Rows that are learnt from, and rows that are judged. */
  readonly training: number
  readonly rows: number
  readonly metrics: Partial<Record<MetricName, number>>
}

/**
 * Learns a model for each fold and judges it on the rows that the fold has for it, without calibration.
 * @param folder for files of the trainer, which exists
 * @throws TruelineError the codes of the trainer
 */
export async function judgeFolds(
  task: LearningTask,
  trainer: TrainerDefinition,
  folds: readonly Fold[],
  folder: string,
  onProgress: (sentence: string, done: number) => void,
): Promise<FoldsEvaluation> {
  const names = metricsOf(task.job.project.models[task.job.model]!.task)
  const judged: FoldEvaluation[] = []
  for (const [index, fold] of folds.entries()) {
    const own = join(folder, `fold-${index + 1}`)
    await mkdir(own, { recursive: true })
    const candidate = await trainCandidate(task, trainer, fold, own, (sentence, done) =>
      onProgress(`fold ${index + 1} of ${folds.length}: ${sentence}`, (index + done) / folds.length),
    )
    judged.push({
      ...{ from: fold.from, to: fold.to },
      training: fold.training.to - fold.training.from,
      rows: fold.judged.to - fold.judged.from,
      metrics: metricsOn(names, candidate, task.dataset, fold.judged),
    })
    candidate.scorer.close()
  }
  const summary: FoldsEvaluation['metrics'] = {}
  for (const name of names) {
    const values = judged.flatMap(({ metrics: found }) => found[name] ?? [])
    if (values.length === judged.length) summary[name] = spreadOf(values)
  }
  return { folds: judged, metrics: summary }
}

/** Metrics of a candidate on rows of a dataset, which count as the model says; those that are defined on them. */
export function metricsOn(
  names: readonly MetricName[],
  { encoders, scorer }: Pick<Candidate, 'encoders' | 'scorer'>,
  { inputs, columns, labels, weights }: Dataset,
  { from, to }: RowRange,
): Partial<Record<MetricName, number>> {
  const scores = scoreRows(encoders, scorer, { inputs, columns: columns.map((column) => column.subarray(0, to)) }, from)
  const outcomes = labels.subarray(from, to)
  const found: Partial<Record<MetricName, number>> = {}
  for (const name of names) {
    const value = weightedMetric(metrics[name].prepare(outcomes, scores), weights?.subarray(from, to))()
    if (value !== undefined) found[name] = value
  }
  return found
}

function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0)
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) }
}
