import type { Value } from '../../core/data-type.ts'
import type { CardSection } from '../../operate/readiness/decision-card.ts'

/** What somebody decides for all rows with a key. */
export interface HandDecision {
  /** Columns of the asking row, with the values that are meant. */
  readonly key: Readonly<Record<string, unknown>>
  readonly decision: string
  /** Microseconds for which it holds; for good when absent. */
  readonly for?: number
}

/** A rule by hand as it is listed; times are microseconds. */
export interface HandRuleAnswer {
  readonly number: number
  readonly model: string
  readonly key: Readonly<Record<string, Value>>
  readonly decision: string
  readonly reason: string
  readonly by: string
  readonly at: number
  readonly until?: number
  readonly state: 'in_force' | 'over' | 'revoked'
  readonly revoked?: { readonly by: string; readonly at: number; readonly reason: string }
}

/** What a model does with its scores and at the edges of what it knows, from its definition, and what moves its scores. */
export interface ModelCard {
  readonly model: string
  readonly owner?: string
  readonly intendedUse?: string
  readonly limits?: string
  readonly escalation?: string
  /** Rules by hand that are in force. */
  readonly rulesByHand: number
  readonly sections: readonly CardSection[]
}

/** A decision that somebody took in the place of a prediction's. */
export interface PredictionOverrideAnswer {
  readonly decision: string
  readonly reason: string
  readonly by: string
  readonly at: number
}

/** Which rules by hand: those in force, or the last 1,000 of all; of these a page where a limit is given. */
export interface DecisionQuery {
  readonly model?: string
  readonly all?: boolean
  readonly limit?: number
  readonly offset?: number
}

/** Which decisions in the place of predictions. */
export interface OverrideQuery {
  readonly model?: string | undefined
  readonly prediction?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Decisions in the place of predictions, newest first. */
export interface OverridePage {
  readonly overrides: readonly (PredictionOverrideAnswer & { readonly prediction: string; readonly model: string })[]
  readonly next: string | null
}
