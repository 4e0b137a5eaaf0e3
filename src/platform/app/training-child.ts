import process from 'node:process'
import { canonicalJson } from '../../core/canonical.ts'
import { asTruelineError } from '../../core/errors.ts'
import { evaluateStretch } from '../../models/training/evaluate-stretch.ts'
import {
  runDataset,
  runLeakCheck,
  runTraining,
  type Trained,
  type TrainingWatch,
} from '../../models/training/run-training.ts'
import type { TrainingJob, TrainingMessage, TrainingTask } from '../../models/training/training-job.ts'
import { monitoredMetrics } from '../../operate/monitoring/cohort-metrics.ts'
import { buildReference, type MonitoringReference } from '../../operate/monitoring/reference.ts'

const tasks = { train: runTraining, dataset: runDataset, leaks: runLeakCheck } as const

/** The process that trains: takes one job from its parent, answers, and ends. It ends with its parent, too. */
process.once('message', ({ kind, job, evaluated }: TrainingTask) => {
  const watch: TrainingWatch = {
    onProgress: (sentence, done) => tell({ kind: 'progress', sentence, done }),
    onJudged: (judgements) => tell({ kind: 'judged', judgements }),
    onStep: (event) => tell({ kind: 'step', event }),
    describe: (trained) => canonicalJson(referenceOf(job, trained)),
  }
  const work = kind === 'evaluate' ? evaluateStretch(job, evaluated!, watch.onProgress) : tasks[kind](job, watch)
  work
    .then((result) => tell({ kind: 'result', result }))
    .catch((thrown: unknown) => {
      const { code, message, path, remedy } = asTruelineError(thrown)
      tell({ kind: 'error', code, message, remedy, ...(path === undefined ? {} : { path }) })
    })
    .finally(() => process.disconnect())
})
process.once('disconnect', () => process.exit())

/** What the version's monitors will compare with: its training rows, and the scores of the rows that it was tested on. */
function referenceOf({ project, model }: TrainingJob, { result, train, test }: Trained): MonitoringReference {
  const { task, label } = project.models[model]!
  const gain = new Map(result.importance.map((one) => [one.feature, one.gain]))
  const metric = result.evaluation.metrics[monitoredMetrics[task]]
  const { rows, excluded } = result.dataset
  return buildReference({
    task,
    classes: label.classes,
    features: result.inputs.map(({ name }, index) => ({
      name,
      importance: gain.get(name) ?? 0,
      values: train.columns[index]!,
    })),
    times: train.times,
    heldOut: test,
    labelCoverage: rows / Math.max(1, rows + excluded.unlabelled),
    ...(metric === undefined ? {} : { expected: { value: metric.value, low: metric.low, high: metric.high } }),
  })
}

function tell(message: TrainingMessage): void {
  process.send?.(message)
}
