import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import type { LabelDefinition, SplitDefinition } from '../../language/define/definitions.ts'
import { foldLengths } from '../../language/define/split-folds.ts'
import { firstAtOrAfter, type TimeSplit } from './time-split.ts'
import type { LearningRows } from './train-candidate.ts'
import type { RowRange } from './weigh-rows.ts'

/** The rows of a fold: to learn from, to choose by, and to judge on, in the order of time. */
export interface Fold extends LearningRows {
  readonly judged: RowRange
  /** t of the judged rows, microseconds: from inclusive, to exclusive. */
  readonly from: number
  readonly to: number
}

/**
 * The folds of a split, each with more to learn from than the one before: they are judged on equal stretches one after the other, the
 * last of which ends where the test begins. Between what a fold learns from, what it chooses by and what it is judged on lies a gap as
 * long as an outcome may take and the embargo, so that no outcome that it saw reaches into the next stretch: what it learnt was known when
 * the next stretch began. (Purging and embargo after Lopez de Prado, "Advances in Financial Machine Learning", 2018, chapter 7.)
 * @param times t of all rows, ascending
 * @throws TruelineError `no_training_rows` when a stretch of a fold has no rows
 */
export function foldsOf(
  split: SplitDefinition,
  label: Pick<LabelDefinition, 'within' | 'grace'>,
  { from, test }: Pick<TimeSplit, 'from' | 'test'>,
  times: Float64Array,
): Fold[] {
  const { folds, judged, gap } = foldLengths(split, label)
  return Array.from({ length: folds }, (_, index) => {
    const start = test - (folds - index) * judged
    const chooses = start - gap - judged
    const fold = {
      training: rowsIn(times, from, chooses - gap),
      validation: rowsIn(times, chooses, start - gap),
      judged: rowsIn(times, start, start + judged),
    }
    for (const [name, range] of Object.entries(fold)) {
      if (range.to > range.from) continue
      throw new TruelineError(
        'no_training_rows',
        `Fold ${index + 1}, judged on ${formatTime(start)} to ${formatTime(start + judged)}, has no ${name} rows.`,
        { path: 'split.folds', remedy: 'Ask for fewer folds, or widen the training part of the split.' },
      )
    }
    return { ...fold, from: start, to: start + judged }
  })
}

function rowsIn(times: Float64Array, from: number, to: number): RowRange {
  return { from: firstAtOrAfter(times, from), to: firstAtOrAfter(times, to) }
}
