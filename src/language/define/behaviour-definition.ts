/** A test of how a candidate's scores behave, whatever the labels say. */
export type BehaviourDefinition = EdgeCasesDefinition | InvarianceDefinition | MonotoneDefinition | DirectionDefinition

/**
 * Extreme, unseen and missing values: scores stay finite and in range, which is tested always, and one such value moves a
 * score by at most `change`.
 */
export interface EdgeCasesDefinition {
  readonly kind: 'edge_cases'
  readonly change: number
}

/** Scores do not depend on an input: with values of other rows in its place they move by at most `tolerance`. */
export interface InvarianceDefinition {
  readonly kind: 'invariant'
  /** Name of an input, or of a group for all of its inputs at once. */
  readonly input: string
  readonly tolerance: number
}

/** Scores never fall, or never rise, by more than `tolerance` as an input grows and all else stays. */
export interface MonotoneDefinition {
  readonly kind: 'monotone'
  readonly inputs: Readonly<Record<string, 'up' | 'down'>>
  readonly tolerance: number
  /** The class whose probability it is, of a model of several; absent of one score. */
  readonly class?: string
}

/** With `by` added to an input, scores move in the direction expected, or stay, on at least this share of rows. */
export interface DirectionDefinition {
  readonly kind: 'directional'
  readonly input: string
  readonly by: number
  readonly expect: 'up' | 'down'
  readonly share: number
  /** The class whose probability it is, of a model of several; absent of one score. */
  readonly class?: string
}
