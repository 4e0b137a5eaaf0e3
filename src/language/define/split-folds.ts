import type { LabelDefinition, SplitDefinition } from './definitions.ts'

/** How the folds of a split divide its time, microseconds. */
export interface FoldLengths {
  readonly folds: number
  /** Of the stretch that a fold is judged on, and of the one before it that is for choosing. */
  readonly judged: number
  /** Between two stretches of a fold: rows in it have outcomes that may come only in the next one. */
  readonly gap: number
  /** What is left to learn from for the first fold, which has the least; may be 0 or less. */
  readonly firstTraining: number
}

/** The lengths of a split's folds; of one without folds, of one fold. */
export function foldLengths(
  { train, validate, folds = 1, embargo = 0 }: SplitDefinition,
  { within, grace }: Pick<LabelDefinition, 'within' | 'grace'>,
): FoldLengths {
  const gap = within + grace + embargo
  return { folds, judged: validate, gap, firstTraining: train + validate - (folds + 1) * validate - 2 * gap }
}
