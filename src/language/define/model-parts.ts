import { type Duration, parseDuration } from '../../core/time.ts'
import { checkOptions } from './check-options.ts'
import type { SplitDefinition } from './definitions.ts'

/**
 * Splits the rows by their time: the last stretch is for the test, the one before it for validation, and the one before
 * that for training. No row is in two of them.
 *
 * With folds the trainer is judged several times besides, before the test: each fold is as long as the validation part, they end
 * where the test begins, and what is learnt for one is known before it, outcomes included. An `embargo` keeps rows farther away; without
 * folds it parts the three stretches in the same way.
 * @example byTime({ train: '21d', validate: '5d', test: '5d' })
 */
export function byTime(lengths: {
  readonly train: Duration
  readonly validate: Duration
  readonly test: Duration
  /** So many folds over the time of training and validation; none unless given. */
  readonly folds?: number
  /** 0s between folds unless given; none without folds. */
  readonly embargo?: Duration
}): SplitDefinition {
  checkOptions('byTime', lengths, { train: true, validate: true, test: true, folds: true, embargo: true })
  const { folds, embargo } = lengths
  const lengthOf = (part: 'train' | 'validate' | 'test'): number => parseDuration(lengths[part], `byTime, ${part}`)
  return {
    ...{ kind: 'time', train: lengthOf('train'), validate: lengthOf('validate'), test: lengthOf('test') },
    ...(folds === undefined ? {} : { folds }),
    ...(embargo === undefined ? {} : { embargo: parseDuration(embargo, 'byTime, embargo') }),
  }
}
