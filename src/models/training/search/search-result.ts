import type { MetricName } from '../../../stats/metrics/metrics.ts'
import type { TrialParameters } from './draw-trials.ts'

/** What a search tried, and what it took. */
export interface SearchResult {
  readonly metric: MetricName
  readonly trials: readonly Trial[]
  /** Number of the trial that was taken. */
  readonly best: number
  /** Whether all trials were made, or it ended since none became better. */
  readonly ended: 'all' | 'patience'
}

export interface Trial {
  /** From 1, in the order in which they were made. */
  readonly number: number
  readonly parameters: TrialParameters
  /** One a round: halving tries the better ones again, on more rows. */
  readonly rounds: readonly TrialRound[]
}

export interface TrialRound {
  /** Rows that were learnt from; of folds those of the last one. */
  readonly training: number
  /** The metric on rows that were not learnt from; null where it is not defined on them, or the training failed. */
  readonly value: number | null
  /** What the trainer chose for itself. */
  readonly chosen?: TrialParameters
  /** Why the training failed. */
  readonly error?: { readonly code: string; readonly message: string }
}
