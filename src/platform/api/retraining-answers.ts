import type { RetrainDefinition } from '../../language/define/retrain-definition.ts'
import type { Canary } from '../../operate/retraining/canary.ts'
import type { TriggerOutlook } from '../../operate/retraining/outlook.ts'
import type { KeptDecision } from '../../operate/retraining/retraining-store.ts'
import type { Actor } from './actor.ts'

/** How the retraining of a model stands. Times are microseconds. */
export interface RetrainingStatus {
  readonly model: string
  readonly policy: RetrainDefinition
  /** The version that serves; null while none does, and so nothing is retrained. */
  readonly serving: number | null
  readonly isUnderWay: boolean
  /** What each trigger waits for. */
  readonly triggers: readonly TriggerOutlook[]
  /** Labels that were new when they were counted last, and when that was; null where they were not counted since the start. */
  readonly labels: { readonly count: number; readonly at: number } | null
  /** When its cooldown ends; null where it does not rest. */
  readonly restsUntil: number | null
  /** Runs that its budget has left now; null without a budget. */
  readonly budgetLeft: number | null
  /** A promoted version whose outcomes are compared with those of the one before it. */
  readonly canary: Canary | null
  /** A candidate that waits for a decision of people, since when and why; null where none does. */
  readonly waiting: { readonly version: number; readonly at: number; readonly sentence: string } | null
  /** Why no step learns from what has come, and since when; null where nothing speaks against it. */
  readonly held: { readonly at: number; readonly sentence: string } | null
  /** The newest decision. */
  readonly last: KeptDecision | null
}

/** Decisions, newest first. */
export interface RetrainingHistory {
  readonly decisions: readonly KeptDecision[]
  readonly next: string | null
}

/** What is asked about retraining. */
export interface RetrainingHost {
  status(model?: string): Promise<readonly RetrainingStatus[]>
  history(query: {
    readonly model?: string | undefined
    readonly runs?: boolean | undefined
    readonly limit?: number | undefined
    readonly cursor?: string | undefined
  }): Promise<RetrainingHistory>
  /**
   * Trains a model now, unless that is under way or nothing has come since; the decision with what came of it.
   * @throws TruelineError `unknown_model`, `unknown_version` while none serves
   */
  run(model: string, actor: Actor, reason: string): Promise<KeptDecision>
}
