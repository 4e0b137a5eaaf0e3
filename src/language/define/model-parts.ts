import { type Duration, parseDuration } from '../../core/time.ts'
import { checkOptions } from './check-options.ts'
import type { SplitDefinition } from './definitions.ts'

/**
 * Splits the rows by their time: the last stretch is for the test, the one before it for validation, and the one before
 * that for training. No row is in two of them.
 * @example byTime({ train: '21d', validate: '5d', test: '5d' })
 */
export function byTime(lengths: {
  readonly train: Duration
  readonly validate: Duration
  readonly test: Duration
}): SplitDefinition {
  checkOptions('byTime', lengths, { train: true, validate: true, test: true })
  const { train, validate, test } = lengths
  return { kind: 'time', train: parseDuration(train), validate: parseDuration(validate), test: parseDuration(test) }
}
