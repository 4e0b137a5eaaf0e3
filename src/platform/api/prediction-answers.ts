import type { GroupFreshness } from '../../data/features/freshness.ts'
import type { ExplanationAnswer } from './explanation-answers.ts'
import type { FeatureReading } from './feature-answers.ts'
import type { WrittenAnswers } from './written-answers.ts'

export interface PredictOptions {
  /** Adds each feature's value and status to the answer. */
  readonly features?: boolean
  /** Says how fresh what was read is, also when all of it is as fresh as promised. */
  readonly freshness?: boolean
  /** Says why it was decided so. */
  readonly reasons?: boolean
  /** Adds what each input moved the score by: the most important so many, 10 for `true`. */
  readonly explain?: boolean | number
  /** How it was asked for, recorded with the prediction. */
  readonly mode?: string
  /** When the answer must be there, microseconds of the platform's `elapsed`; whenever it is unless given. */
  readonly deadline?: number
  /** What takes the answers to the rows, unless they are explained: `predictions` is empty then. */
  readonly answers?: Pick<WrittenAnswers, 'set'>
}

/** Why it was decided so: a code that the definition names, or an input that led to an adverse decision. */
export interface ReasonAnswer {
  readonly code: string
  /** What it says to people. */
  readonly text?: string
  /** Of `raised_by` and `lowered_by`: which input moved the score, and how far before calibration. */
  readonly feature?: string
  readonly contribution?: number
  /** Of several classes: the likeliest one that is not adverse, which `feature` moved the decision away from. */
  readonly against?: string
}

export interface ScoredAnswer {
  readonly prediction_id: string
  /** Of a model of several classes the probability of the likeliest one. */
  readonly score: number
  /** Of a model of several classes: the likeliest one, and the probability of each by its name. */
  readonly class?: string
  readonly probabilities?: Readonly<Record<string, number>>
  readonly decision?: string
  /** What decided in the place of the score: `hand:NUMBER`, `rule:CODE`, `missing:INPUT` or `stale:GROUP`. */
  readonly overridden_by?: string
  readonly reasons?: readonly ReasonAnswer[]
  readonly features?: readonly FeatureReading[]
  readonly explanation?: ExplanationAnswer
}

export type PredictionAnswer =
  | ScoredAnswer
  | {
      readonly error: { readonly error: string; readonly code: string; readonly path?: string; readonly remedy: string }
      readonly decision?: string
    }

/** The answer of a predict call. */
export interface PredictAnswer {
  readonly model: string
  readonly version: number
  readonly digest: string
  /** Digest of the contract that the rows were held against. */
  readonly contract: string
  readonly predictions: readonly PredictionAnswer[]
  /** Of each group that was read: when it was asked for, or one of them is older than it promises. */
  readonly freshness?: readonly GroupFreshness[]
}
