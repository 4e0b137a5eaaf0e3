import type { GroupFreshness } from '../../data/features/freshness.ts'
import type { FeatureReading } from './feature-answers.ts'

export interface PredictOptions {
  /** Adds each feature's value and status to the answer. */
  readonly features?: boolean
  /** Says how fresh what was read is, also when all of it is as fresh as promised. */
  readonly freshness?: boolean
  /** Says why it was decided so. */
  readonly reasons?: boolean
  /** How it was asked for, recorded with the prediction. */
  readonly mode?: string
  /** When the answer must be there, microseconds of the platform's `elapsed`; whenever it is unless given. */
  readonly deadline?: number
}

export type PredictionAnswer =
  | {
      readonly prediction_id: string
      readonly score: number
      readonly decision?: string
      /** What decided in the place of the score: `hand:NUMBER`, `rule:CODE`, `missing:INPUT` or `stale:GROUP`. */
      readonly overridden_by?: string
      /** Why it was decided so: codes that the definition names, with what they say to people. */
      readonly reasons?: readonly { readonly code: string; readonly text?: string }[]
      readonly features?: readonly FeatureReading[]
    }
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
