import type { TruelineError } from '../../core/errors.ts'
import type { MarginUnit } from '../../models/inference/explain/explainer.ts'

/** How a score came about: what each input moved it by, from what is expected of the training rows. */
export interface ScoreExplanation {
  /** Of a model of several classes the one that was answered: all numbers below are of its margin. */
  readonly class?: string
  /** Of the numbers below: the score before its calibration and before it is made a probability. */
  readonly unit: MarginUnit
  /** What is expected before anything is known of the row. */
  readonly base: number
  /** `base` with all contributions: what the score is made from. */
  readonly margin: number
  /** Farthest from 0 first. */
  readonly contributions: readonly { readonly feature: string; readonly contribution: number }[]
  /** What is not listed of the contributions, added up; absent where all are. */
  readonly others?: { readonly features: number; readonly contribution: number }
}

/** An explanation, or why there is none. */
export type ExplanationAnswer = ScoreExplanation | ReturnType<TruelineError['toJSON']>
