import type { StretchEvaluation } from '../../models/training/evaluate-stretch.ts'

export interface EvaluationOptions {
  /** Rows from this t on, microseconds; as many before the end as the model is tested on unless given. */
  readonly from?: number | undefined
  /** Rows before this t, microseconds; the newest ones whose outcomes are known unless given. */
  readonly to?: number | undefined
  readonly onProgress?: ((sentence: string, done: number) => void) | undefined
}

/** How a version did on the rows of a stretch. */
export interface EvaluationAnswer extends StretchEvaluation {
  readonly model: string
  readonly version: number
}
