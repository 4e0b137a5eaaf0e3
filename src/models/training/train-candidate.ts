import { seedOf } from '../../language/define/trainer-definition.ts'
import { createVectorEncoder } from '../inference/encoders.ts'
import type { Candidate } from './candidate.ts'
import type { Dataset } from './dataset.ts'
import type { FittedEncoders } from './fit-encoders.ts'
import { trainerOf } from './trainers/trainers.ts'
import type { TrainingJob } from './training-job.ts'
import { trainingTable } from './training-table.ts'

/** Rows of a dataset by what they are for: [0, validate) to learn from, [validate, test) to choose by. */
export interface RowParts {
  readonly validate: number
  readonly test: number
}

/**
 * Learns a model from the training rows of a dataset by the trainer that the model names; the test rows are not touched.
 * @throws TruelineError the codes of the trainer
 */
export async function trainCandidate(
  job: TrainingJob,
  dataset: Dataset,
  { encoders, inTime }: FittedEncoders,
  { validate, test }: RowParts,
  onProgress: (sentence: string, done: number) => void,
): Promise<Candidate> {
  const { trainer, task } = job.project.models[job.model]!
  const encoder = createVectorEncoder(encoders)
  const rowsOf = (from: number, to: number) => ({
    columns: dataset.columns.map((column) => column.subarray(from, to)),
    times: dataset.times.subarray(from, to),
  })
  return await trainerOf(trainer).train({
    definition: trainer,
    task,
    training: trainingTable(dataset, encoder, 0, validate, inTime),
    validation: trainingTable(dataset, encoder, validate, test),
    inputRows: { train: rowsOf(0, validate), validate: rowsOf(validate, test), textOf: dataset.textOf },
    encoders,
    values: encoder.values,
    seed: seedOf(trainer),
    threads: job.threads,
    projectFolder: job.projectFolder,
    folder: job.folder,
    onProgress,
  })
}
