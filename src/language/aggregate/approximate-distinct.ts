import { estimateDistinct } from '../../core/math/estimate-distinct.ts'
import { hashOfNumber, hashOfText } from '../../core/math/hash.ts'
import type { CollectionAggregateOf, Encoding } from './aggregate.ts'

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
  read: (registers, { precision = 0 }) =>
    Math.round(estimateDistinct((rank) => registers.withRank(rank), 2 ** precision)),
}
