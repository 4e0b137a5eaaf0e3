import type { TrainerDefinition } from '../../../language/define/trainer-definition.ts'
import type { EncodedValue, Encoders } from '../../inference/encoders.ts'
import type { Candidate } from '../candidate.ts'
import type { TrainingTable } from '../training-table.ts'

/** What a trainer is given: rows that are ready to learn from, and no door to any others. */
export interface TrainerTask<Definition extends TrainerDefinition = TrainerDefinition> {
  readonly definition: Definition
  /** Probabilities of a label of 0 or 1, or a number. */
  readonly task: 'binary' | 'regression'
  readonly training: TrainingTable
  /** For choosing between models, as early stopping does. */
  readonly validation: TrainingTable
  /** What the columns of both tables were made by, and what each column is. */
  readonly encoders: Encoders
  readonly values: readonly EncodedValue[]
  /** Of all that is drawn at random. */
  readonly seed: number
  /** How many may run at once; they change how long it takes and nothing else. */
  readonly threads: number
  /** For files of its own; it exists. */
  readonly folder: string
  /** To be told in one sentence what is being done, and the share done. */
  readonly onProgress: (sentence: string, done: number) => void
}

/**
 * One way to learn a model. The same task gives the same bytes, unless the trainer says how far they may differ.
 * @throws TruelineError `single_class`, `training_failed` and codes of its own
 */
export interface Trainer<Definition extends TrainerDefinition = TrainerDefinition> {
  train(task: TrainerTask<Definition>): Promise<Candidate>
}
