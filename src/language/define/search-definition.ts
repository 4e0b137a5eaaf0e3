/**
 * Which parameters of its trainer a model is tried with. The trial is taken that is best by the gate's metric on the validation
 * rows, or on average over the folds of the split; the test rows are not looked at.
 */
export type SearchDefinition = GridSearch | RandomSearch | HalvingSearch

/** Every combination of these values, in the order of the names, the last one fastest. */
export interface GridSearch {
  readonly kind: 'grid'
  readonly space: Readonly<Record<string, readonly number[]>>
  /** Ends after so many trials without a better one; absent: never. */
  readonly patience?: number
}

/** So many combinations that are drawn. */
export interface RandomSearch {
  readonly kind: 'random'
  readonly trials: number
  readonly space: Readonly<Record<string, SearchRange>>
  readonly seed: number
  /** Ends after so many trials without a better one; absent: never. */
  readonly patience?: number
}

/**
 * So many combinations that are drawn, tried on a small share of the training rows, the newest ones; of each round the best one in
 * `factor` goes on to the next, with `factor` times as many rows, up to all of them.
 */
export interface HalvingSearch {
  readonly kind: 'halving'
  readonly trials: number
  readonly space: Readonly<Record<string, SearchRange>>
  readonly factor: number
  readonly seed: number
}

/** Values of which one is drawn; or ends, both included, between which a number is drawn evenly, or evenly in its logarithm. */
export type SearchRange =
  | readonly number[]
  | { readonly from: number; readonly to: number; readonly scale: 'linear' | 'log'; readonly whole: boolean }
