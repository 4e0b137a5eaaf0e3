import { highWord, withHighWord } from '../../core/math/float-bits.ts'
import type { CollectionAggregateOf, Encoding } from './aggregate.ts'
import { problemOfQuantile } from './quantile.ts'

/** Of the 20 fraction bits of a high word: six say the bucket, the next one is its middle. */
const BUCKET = ~0 << 14
const MIDDLE = 1 << 13

/**
 * The middle of the bucket that a value is in: each octave has 64, so it is within 1/128 of the value. Source: Masson, Rim
 * and Lee, "DDSketch" (2019), with buckets of equal width within an octave, and none ever merged.
 */
const middleOfBucket: Encoding = {
  name: 'middle_of_bucket',
  parameters: [],
  create: () => (value) => (value === 0 ? 0 : withHighWord(0, (highWord(value) & BUCKET) | MIDDLE)),
}

/** A quantile within 1 % of a value, from as many numbers as there are buckets with values, whatever the number of rows. */
export const approximateQuantile: CollectionAggregateOf<'sorted'> = {
  takes: 'numbers',
  parameters: ['quantile'],
  collects: 'sorted',
  encoding: middleOfBucket,
  empty: Number.NaN,
  resultType: () => 'number',
  problem: problemOfQuantile,
  read: (values, { quantile = 0 }) =>
    values.count === 0 ? Number.NaN : values.at(Math.floor((values.count - 1) * quantile)),
}
