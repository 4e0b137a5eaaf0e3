import type { Expression } from '../expr/expression.ts'
import type { ReadDefinition } from './definitions.ts'

/** What is done with a score, or with the probabilities of several classes. */
export type DecisionDefinition = ScoreDecision | ClassDecision

/** What is done with the probabilities of several classes: what costs least, or thresholds by class. */
export type ClassDecision = ClassCostsDecision | ClassThresholdsDecision

/** What is done with a score: one threshold, several, or what costs least. */
export type ScoreDecision = ThresholdDecision | BandsDecision | CostsDecision

/** One decision for scores above a threshold, and another one for the rest. */
export interface ThresholdDecision {
  readonly kind?: never
  readonly threshold: number
  readonly above: string
  readonly otherwise: string
}

/** A decision for each range of scores, from the highest one down. */
export interface BandsDecision {
  readonly kind: 'bands'
  readonly bands: readonly BandDefinition[]
}

/** A range of scores: those above a threshold that no band before it takes. The last band has none, and takes the rest. */
export interface BandDefinition {
  readonly above?: number
  readonly decision: string
  /** A stable code for why this was decided, and what it says to people; the decision is the code unless given. */
  readonly reason?: string
  readonly text?: string
}

/** The decision with the least expected cost, the score taken for the probability of the outcome. */
export interface CostsDecision {
  readonly kind: 'costs'
  /** For each decision, in order of preference where two cost the same. */
  readonly costs: readonly DecisionCosts[]
}

/** What a decision costs when the outcome comes true, and when it does not; below 0 is a gain. */
export interface DecisionCosts {
  readonly decision: string
  readonly positive: number
  readonly negative: number
}

/** The decision with the least expected cost by the probabilities of several classes. */
export interface ClassCostsDecision {
  readonly kind: 'class_costs'
  /** For each decision, in order of preference where two cost the same. */
  readonly costs: readonly DecisionClassCosts[]
}

/** What a decision costs when a class comes true, by its name; below 0 is a gain. */
export interface DecisionClassCosts {
  readonly decision: string
  readonly of: Readonly<Record<string, number>>
}

/** Thresholds by class, in their order: the first class whose probability is above its threshold decides. */
export interface ClassThresholdsDecision {
  readonly kind: 'class_thresholds'
  readonly thresholds: readonly ClassThresholdDefinition[]
}

/** What is decided where the probability of a class is above a threshold. The last of a list has neither, and takes the rest. */
export interface ClassThresholdDefinition {
  readonly class?: string
  readonly above?: number
  readonly decision: string
  /** A stable code for why this was decided, and what it says to people; the decision is the code unless given. */
  readonly reason?: string
  readonly text?: string
}

/** A condition on the asking row and its features that decides, whatever the score says. */
export interface OverrideDefinition {
  readonly when: Expression
  /** What the condition calls a feature -> which one; its other columns are those of the row. */
  readonly reads: Readonly<Record<string, ReadDefinition>>
  readonly decision: string
  /** A stable code for why, unique within the model, and what it says to people. */
  readonly reason: string
  readonly text?: string
}

/** Decisions that somebody is owed the reasons of, and which: the inputs that moved the score towards them most. */
export interface AdverseDefinition {
  /** The decisions of all bands at one end of the score. */
  readonly decisions: readonly string[]
  /** Most reasons of one answer; 4 unless given. */
  readonly most?: number
  /** What an input is called to whoever is told, by its name in the vector. */
  readonly texts?: Readonly<Record<string, string>>
}

/** Why no decision can be made from a score. */
export type FallbackCause = 'timeout' | 'missing' | 'invalid' | 'unavailable'

/** The decision when no score can be had, by cause; a cause that is not named has none. */
export interface FallbackDefinition {
  /** The answer would come too late. */
  readonly timeout?: string
  /** The row is not what the contract asks for. */
  readonly invalid?: string
  /** Nothing serves, or what serves has no access to what it needs. */
  readonly unavailable?: string
  /** A score can be had, but of features that are not there. */
  readonly missing?: MissingDefinition
}

/** A status of a feature by which it may count as missing; `stale` where its group is older than it promises to be. */
export type MissingStatus = 'unknown_key' | 'empty' | 'null' | 'stale'

export interface MissingDefinition {
  readonly decision: string
  readonly when: readonly MissingStatus[]
  /** Names of inputs, or of groups for all of theirs; all inputs of the model when absent. */
  readonly features?: readonly string[]
}
