import { TruelineError } from '../../core/errors.ts'
import type { LabelDefinition, SplitDefinition } from '../../language/define/definitions.ts'
import { gapOf } from '../../language/define/split-folds.ts'
import type { Dataset } from './dataset.ts'
import { firstAtOrAfter } from './time-split.ts'
import type { LearningRows } from './train-candidate.ts'

/** Whether the embargo of a split is between its parts: where there are folds, it is between these alone. */
export function isParted({ folds, embargo }: SplitDefinition): boolean {
  return embargo !== undefined && folds === undefined
}

/**
 * The rows that a model is learnt from, and those that it is chosen and calibrated by: the parts of the split. Where this has an
 * embargo and no folds, each part is without the rows whose outcome was still open, or not open for long enough, when the next one begins.
 * @throws TruelineError `no_training_rows` when nothing is left of a part
 */
export function learningRows(
  { manifest: { parts }, split: bounds, times }: Pick<Dataset, 'manifest' | 'split' | 'times'>,
  { split, label }: { readonly split: SplitDefinition; readonly label: Pick<LabelDefinition, 'within' | 'grace'> },
): LearningRows {
  const test = parts.train + parts.validate
  if (!isParted(split)) return { training: { from: 0, to: parts.train }, validation: { from: parts.train, to: test } }
  const gap = gapOf(split, label)
  const rows: LearningRows = {
    training: { from: 0, to: firstAtOrAfter(times, bounds.validate - gap) },
    validation: { from: parts.train, to: firstAtOrAfter(times, bounds.test - gap) },
  }
  for (const [name, { from, to }] of Object.entries(rows))
    if (to <= from)
      throw new TruelineError('no_training_rows', `The embargo leaves no row of the ${name} part.`, {
        path: 'split.embargo',
      })
  return rows
}
