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

/** How long before a stretch begins a row must lie so that its outcome, and the embargo, is over by then; microseconds. */
export function gapOf(
  { embargo = 0 }: SplitDefinition,
  { within, grace }: Pick<LabelDefinition, 'within' | 'grace'>,
): number {
  return within + grace + embargo
}

/** The lengths of a split's folds; of one without folds, of one fold. */
export function foldLengths(split: SplitDefinition, label: Pick<LabelDefinition, 'within' | 'grace'>): FoldLengths {
  const { train, validate, folds = 1 } = split
  const gap = gapOf(split, label)
  return { folds, judged: validate, gap, firstTraining: train + validate - (folds + 1) * validate - 2 * gap }
}
