/**
 * Says of each input of a row how far it moves the margin: Shapley values of the game whose players are the inputs. Of each
 * output `base` and the contributions add up to the margin. Not to be called from two threads at once.
 */
export interface Explainer {
  /** Inputs of a row. */
  readonly inputs: number
  /** Margins of a row: classes of a multiclass model, 1 of most. */
  readonly outputs: number
  /** Of each output the margin that is expected before anything is known of a row. */
  readonly base: Float64Array
  /**
   * Writes the contributions of the row that begins at `offset` from the beginning of `contributions` on, in the unit of the margin: of
   * each output in turn one for each input.
   */
  explainInto(values: Float64Array, offset: number, contributions: Float64Array): void
}
