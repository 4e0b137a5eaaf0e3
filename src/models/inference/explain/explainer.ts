import type { Transform } from '../transform.ts'

/**
 * In what a margin is measured: the logarithm of the odds of the outcome, what the score itself is measured in, the logarithm of that,
 * or something of the model's own.
 */
export type MarginUnit = 'log_odds' | 'score' | 'log_score' | 'margin'

/**
 * Says of each input of a row how far it moves the margin: Shapley values of the game whose players are the inputs. Of each
 * output `base` and the contributions add up to the margin. Not to be called from two threads at once.
 */
export interface Explainer {
  /** Inputs of a row. */
  readonly inputs: number
  /** Margins of a row: classes of a multiclass model, 1 of most. */
  readonly outputs: number
  readonly unit: MarginUnit
  /** Of each output the margin that is expected before anything is known of a row. */
  readonly base: Float64Array
  /**
   * Writes the contributions of the row that begins at `offset` from the beginning of `contributions` on, in the unit of the margin: of
   * each output in turn one for each input.
   */
  explainInto(values: Float64Array, offset: number, contributions: Float64Array): void
}

/** The unit of margins that a transform makes scores of. */
export function unitOf(transform: Transform): MarginUnit {
  switch (transform.kind) {
    case 'sigmoid':
      return transform.slope === 1 ? 'log_odds' : 'margin'
    case 'identity':
      return 'score'
    case 'exponential':
      return 'log_score'
    default:
      return 'margin'
  }
}
