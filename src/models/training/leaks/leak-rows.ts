import type { VectorPlan } from '../../../data/features/vector.ts'
import type { Task } from '../../../language/define/task.ts'

/** The rows of a dataset as they are searched for leaks, in the order of t. */
export interface LeakRows extends Pick<VectorPlan, 'inputs' | 'groups' | 'tables'> {
  readonly task: Task
  /** One array an input; NaN is missing, and texts are codes. */
  readonly columns: readonly Float64Array[]
  readonly labels: Float64Array
  /** t of each row, microseconds. */
  readonly times: Float64Array
  /** Rows before `train` are learnt from, those from `test` on are tested on. */
  readonly train: number
  readonly test: number
  /** What is known of the rows beside what the model takes; absent where it cannot be had. */
  readonly asked?: AskedRows
  /** Some rows, made again of what was known before their t and nothing else. */
  readonly recomputed?: readonly { readonly row: number; readonly values: readonly number[] }[]
  /** What target encodings made of the training rows. */
  readonly encodings?: readonly TargetEncoding[]
}

/** Where the rows come from. */
export interface AskedRows {
  /** When each row that asks became known, microseconds. */
  readonly knownAt: Float64Array
  /** A code of the key of each: rows of one key have the same. */
  readonly keys: Float64Array
  /** When the outcome of each became known, microseconds; NaN where none did. */
  readonly outcomeKnownAt: Float64Array
  /** What is known of the columns of the row that inputs read. */
  readonly columns: readonly AskedColumn[]
  /** How many rows have open outcomes. */
  readonly open: number
}

export interface AskedColumn {
  readonly column: string
  /** Share of rows in which it is missing: of these, and of the newest ones, whose outcomes are still open. */
  readonly missing: number
  readonly missingWhileOpen: number
  /** Of times: the share of rows in which it lies after t, and some of these. */
  readonly afterT?: number
  readonly rowsAfterT?: readonly number[]
}

/** A target encoding as it was fitted, with what the training rows became. */
export interface TargetEncoding {
  readonly input: number
  readonly smoothing: number
  /** Of the outcome that it is the mean of: of several classes 1 where it is the one, and 0 elsewhere. */
  readonly labels: ArrayLike<number>
  readonly values: Float64Array
  /** From when on the outcome of each row counts, microseconds. */
  readonly outcomesCount: Float64Array
}
