import type { Task } from '../../../language/define/task.ts'
import type { TrainerDefinition } from '../../../language/define/trainer-definition.ts'
import type { EncodedValue, Encoders } from '../../inference/encoders.ts'
import type { Candidate } from '../candidate.ts'
import type { TrainingTable } from '../training-table.ts'

/** Rows as they are served and logged: one array an input of the encoders, texts as their codes. */
interface InputRows {
  readonly columns: readonly Float64Array[]
  /** t of each row, microseconds. */
  readonly times: Float64Array
}

/** What a trainer is given: rows that are ready to learn from, and no door to any others. */
export interface TrainerTask<Definition extends TrainerDefinition = TrainerDefinition> {
  readonly definition: Definition
  /** Probabilities of a label of 0 or 1, a number, or the probabilities of several classes. */
  readonly task: Task
  /** Names of the classes, which labels are the numbers of; absent of any other task. */
  readonly classes?: readonly string[]
  readonly training: TrainingTable
  /** For choosing between models, as early stopping does. Both tables are the trainer's own, which may empty them as it goes. */
  readonly validation: TrainingTable
  /** The same rows before they were encoded, for a trainer that hands them on. */
  readonly inputRows: {
    readonly train: InputRows
    readonly validate: InputRows
    /** The text of a code in the columns. */
    readonly textOf: (lastingCode: number) => string | undefined
  }
  /** What the columns of both tables were made by, and what each column is. */
  readonly encoders: Encoders
  readonly values: readonly EncodedValue[]
  /** Of all that is drawn at random. */
  readonly seed: number
  /** How many may run at once; they change how long it takes and nothing else. */
  readonly threads: number
  /** The folder of the project, where its programs run; absent where there is none. */
  readonly projectFolder: string | undefined
  /** For files of its own; it exists. */
  readonly folder: string
  /** To be told in one sentence what is being done, and the share done. */
  readonly onProgress: (sentence: string, done: number) => void
  /** To be told what is worth keeping with the run beside that. */
  readonly onLog: (line: string) => void
}

/**
 * One way to learn a model. The same task gives the same bytes, unless the trainer says how far they may differ.
 * @throws TruelineError `single_class`, `training_failed` and codes of its own
 */
export interface Trainer<Definition extends TrainerDefinition = TrainerDefinition> {
  train(task: TrainerTask<Definition>): Promise<Candidate>
}
