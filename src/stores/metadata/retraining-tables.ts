import type { Generated } from 'kysely'

/** Tables of what leads to trainings on their own, and to none. */
export interface RetrainingTables {
  retraining_states: RetrainingStateRow
  retraining_decisions: RetrainingDecisionRow
  retraining_outcomes: RetrainingOutcomeRow
}

interface RetrainingStateRow {
  model: string
  /** JSON: what is remembered from one decision to the next. */
  memory: string
  /** JSON: the promoted version whose outcomes are watched; null when there is none. */
  canary: string | null
}

export interface RetrainingDecisionRow {
  number: Generated<number>
  model: string
  at: number
  kind: 'run' | 'wait'
  trigger: string
  window: string
  /** Why it waits; null of a run. */
  why: string | null
  sentence: string
  /** Of a run, one for each pipeline, data, policy and window. */
  key: string | null
  labels: number
  by_name: string
  by_asserted: number
}

export interface RetrainingOutcomeRow {
  number: Generated<number>
  decision: number
  at: number
  outcome: 'failed' | 'unchanged' | 'refused' | 'asks' | 'promoted' | 'reverted' | 'kept'
  version: number | null
  run: string | null
  sentence: string
}
