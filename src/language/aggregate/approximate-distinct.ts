import { hashOfNumber, hashOfText } from '../../core/math/hash.ts'
import type { CollectionAggregateOf, Encoding } from './aggregate.ts'
import type { RegisterRanks } from './collection.ts'

/** Ranks count the leading zeros of 32 bits. */
const LARGEST_RANK = 33
/** Of m registers; 1 / (2 ln 2). */
const ALPHA = 1 / (2 * Math.LN2)
const SEED_OF_REGISTER = 0x2545f491
const SEED_OF_RANK = 0x9e3779b9

/** Which register a value falls to, and its rank there: the leading zeros of a second hash, and one. */
const registerAndRank: Encoding = {
  name: 'register_and_rank',
  parameters: ['precision'],
  create({ precision = 0 }, textOf) {
    const shift = 32 - precision
    return (value) => {
      const text = textOf?.(value)
      const register = text === undefined ? hashOfNumber(value, SEED_OF_REGISTER) : hashOfText(text, SEED_OF_REGISTER)
      const rank = text === undefined ? hashOfNumber(value, SEED_OF_RANK) : hashOfText(text, SEED_OF_RANK)
      return (register >>> shift) * 64 + Math.clz32(rank) + 1
    }
  },
}

/**
 * About how many different values there are, by HyperLogLog: off by about 1.04 / sqrt(2^precision) of their number. Its
 * state is a function of the set of values, so order, late rows and corrections change nothing.
 *
 * Source of the estimate: Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017), algorithm 6.
 */
export const approximateDistinct: CollectionAggregateOf<'registers'> = {
  takes: 'values',
  parameters: ['precision'],
  collects: 'registers',
  encoding: registerAndRank,
  empty: 0,
  resultType: () => 'int',
  problem: ({ precision = 0 }) =>
    Number.isInteger(precision) && precision >= 4 && precision <= 14
      ? undefined
      : `The precision is a whole number from 4 to 14; here it is ${precision}.`,
  read: (registers, { precision = 0 }) => Math.round(estimate(registers, 2 ** precision)),
}

function estimate(registers: RegisterRanks, count: number): number {
  let sum = count * tau(1 - registers.withRank(LARGEST_RANK) / count)
  for (let rank = LARGEST_RANK - 1; rank >= 1; rank--) sum = 0.5 * (sum + registers.withRank(rank))
  sum += count * sigma(registers.withRank(0) / count)
  return (ALPHA * count * count) / sum
}

/** For registers that no value fell to. */
function sigma(part: number): number {
  if (part === 1) return Number.POSITIVE_INFINITY
  let power = part
  let factor = 1
  let sum = part
  for (let before = Number.NaN; before !== sum; ) {
    before = sum
    power *= power
    sum += power * factor
    factor += factor
  }
  return sum
}

/** For registers that are full. */
function tau(part: number): number {
  if (part === 0 || part === 1) return 0
  let root = part
  let factor = 1
  let sum = 1 - part
  for (let before = Number.NaN; before !== sum; ) {
    before = sum
    root = Math.sqrt(root)
    factor *= 0.5
    sum -= (1 - root) * (1 - root) * factor
  }
  return sum / 3
}
