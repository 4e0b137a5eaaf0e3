import { TruelineError } from '../../core/errors.ts'
import { formatTime } from '../../core/time.ts'
import type { LabelDefinition, SplitDefinition } from '../../language/define/definitions.ts'

/** Stretches of t, microseconds: train is [from, validate), validation [validate, test), test [test, to). */
export interface TimeSplit {
  readonly from: number
  readonly validate: number
  readonly test: number
  readonly to: number
}

/**
 * The stretches of a split at a cut: they end where labels begin to be immature, since a row whose time to get a label
 * is not over would count only if its outcome came fast.
 * @param cut microseconds
 */
export function splitAt(
  { train, validate, test }: SplitDefinition,
  { within, grace }: Pick<LabelDefinition, 'within' | 'grace'>,
  cut: number,
): TimeSplit {
  const to = cut - within - grace
  return { from: to - test - validate - train, validate: to - test - validate, test: to - test, to }
}

/**
 * Rows of each part, given the sorted times of all rows: [0, validate), [validate, test), [test, rows).
 * @throws TruelineError `no_training_rows` when a part is empty
 */
export function splitRows(times: Float64Array, split: TimeSplit): { readonly validate: number; readonly test: number } {
  const validate = firstAtOrAfter(times, split.validate)
  const test = firstAtOrAfter(times, split.test)
  const parts = { train: validate, validation: test - validate, test: times.length - test }
  for (const [name, rows] of Object.entries(parts)) {
    if (rows > 0) continue
    throw new TruelineError(
      'no_training_rows',
      `No row of the ${name} part has a mature label: the split reaches from ${formatTime(split.from)} over ${formatTime(split.validate)} and ${formatTime(split.test)} to ${formatTime(split.to)}.`,
      { path: `split.${name}` },
    )
  }
  return { validate, test }
}

/** The place of the first of sorted times that is not before a time. */
export function firstAtOrAfter(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! < time) low = middle + 1
    else high = middle
  }
  return low
}
