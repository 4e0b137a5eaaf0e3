import type { VectorPlan } from '../../data/features/vector.ts'
import { seedOf, type TrainerDefinition } from '../../language/define/trainer-definition.ts'
import { createVectorEncoder } from '../inference/encoders.ts'
import type { Candidate } from './candidate.ts'
import type { Dataset } from './dataset.ts'
import { fitEncoders } from './fit-encoders.ts'
import { trainerOf } from './trainers/trainers.ts'
import type { TrainingJob } from './training-job.ts'
import { trainingTable } from './training-table.ts'
import { type RowRange, weighRows } from './weigh-rows.ts'

/** Rows of a dataset by what they are for: to learn from, and to choose by. */
export interface LearningRows {
  readonly training: RowRange
  readonly validation: RowRange
}

/** What is the same for all candidates of a job. */
export interface LearningTask {
  readonly job: TrainingJob
  readonly plan: VectorPlan
  readonly dataset: Dataset
  /** Told what the trainer says beside its progress, line by line. */
  readonly onLog: (line: string) => void
  /** Does what is a function of the job and of `of` alone, once: its answer, which is plain JSON, outlives the process. */
  readonly once: <Answer>(of: unknown, work: () => Promise<Answer>) => Promise<Answer>
}

/**
 * Learns one model from some rows of a dataset: fits the encoders on those to learn from, and hands them to the trainer. No other row
 * is touched.
 * @param trainer the model's own, or the same with other parameters
 * @param folder for files of the trainer, which exists
 * @throws TruelineError the codes of the trainer
 */
export async function trainCandidate(
  { job, plan, dataset, onLog }: Omit<LearningTask, 'once'>,
  trainer: TrainerDefinition,
  { training, validation }: LearningRows,
  folder: string,
  onProgress: (sentence: string, done: number) => void,
): Promise<Candidate> {
  const model = job.project.models[job.model]!
  const { task, label } = model
  const { from, to } = training
  const fittingRows = {
    rows: to - from,
    columns: dataset.columns.map((column) => column.subarray(from, to)),
    labels: dataset.labels.subarray(from, to),
    times: dataset.times.subarray(from, to),
    outcomesCount: dataset.outcomesCount.subarray(from, to),
  }
  const { encoders, inTime } = fitEncoders(plan, fittingRows, dataset.textOf, label.classes)
  const encoder = createVectorEncoder(encoders)
  const counts = weighRows(model.weights, dataset, training, label.classes)
  const rows = {
    columns: dataset.columns,
    labels: dataset.labels,
    ...(counts === undefined ? {} : { weights: counts }),
  }
  const inputRows = (range: RowRange) => ({
    columns: dataset.columns.map((column) => column.subarray(range.from, range.to)),
    times: dataset.times.subarray(range.from, range.to),
  })
  return await trainerOf(trainer).train({
    definition: trainer,
    task,
    ...(label.classes === undefined ? {} : { classes: label.classes }),
    training: trainingTable(rows, encoder, training, inTime),
    validation: trainingTable(rows, encoder, validation),
    inputRows: { train: inputRows(training), validate: inputRows(validation), textOf: dataset.textOf },
    encoders,
    values: encoder.values,
    seed: seedOf(trainer),
    threads: job.threads,
    projectFolder: job.projectFolder,
    folder,
    onProgress,
    onLog,
  })
}
