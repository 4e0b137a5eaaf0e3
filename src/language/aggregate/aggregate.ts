import type { DataTypeName } from '../../core/data-type.ts'
import type { CollectionName, Collections } from './collection.ts'

/**
 * What is known of the rows of a window at time t. `values` are the rows whose argument is not null; all but `rows`
 * and `lastTime` are of them. The kernel fills in what an aggregate needs, and nothing else.
 */
export interface WindowStatistics {
  /** t less the window's delay, in microseconds. */
  time: number
  rows: number
  values: number
  /** Correctly rounded sum of the values. */
  sum: number
  /** n * (sum of squares) - (sum of values)^2, exact and then rounded once; n is `values`. */
  spread: number
  smallest: number
  largest: number
  /** Value of the first row and of the last one, in the order of events; NaN where there is none. */
  first: number
  last: number
  /** Event time of the last row. */
  lastTime: number
  /** Number of different values. */
  distinct: number
  /** Where the window begins; a lifetime, a session and the last rows begin with their first row, conditions aside. */
  begin: number
}

export type StatisticName = Exclude<keyof WindowStatistics, 'time' | 'rows'>

/** Values that an aggregate can take: whole rows, or an argument of certain types. */
export type Takes = 'rows' | 'numbers' | 'ordered' | 'bools' | 'values'

/** What an aggregate is given with, as part of a feature's definition. Times in microseconds. */
export interface AggregateParameters {
  /** A place, counted from 1. */
  readonly nth?: number
  /** From 0 to 1. */
  readonly quantile?: number
  /** Two to this power are the registers of a sketch. */
  readonly precision?: number
  /** Rising edges of buckets: bucket i holds the values from edge i on (counted from 1); bucket 0 those below all. */
  readonly edges?: readonly number[]
  readonly bucket?: number
  /** The time that a rate is given for. */
  readonly per?: number
  /** Length of a tile, and the weight of the values of each tile by how many tiles ago it was. */
  readonly hop?: number
  readonly weights?: readonly number[]
}

/** An aggregate: what it takes, and what it makes of the rows of a window. */
export type Aggregate = StatisticAggregate | CollectionAggregate

interface Common {
  readonly takes: Takes
  /** The parameters that it is given with, all of them. */
  readonly parameters?: readonly (keyof AggregateParameters)[]
  /** Its value over no rows: 0, or NaN for null. */
  readonly empty: number
  /** Type of the value, for the type of the argument; `int` stands for whole rows. */
  resultType(argument: DataTypeName): DataTypeName
  /** What is wrong with parameters, in a sentence; undefined when nothing is. */
  problem?(parameters: AggregateParameters): string | undefined
}

/** A statistic as it stands; null for a `sum` of no values, and for a `ratio`, the sum over their number. */
export type PlainStatistic = 'rows' | 'sum' | 'ratio' | 'smallest' | 'largest' | 'distinct'

/** An aggregate over running statistics: which it needs, and what it makes of them. */
export interface StatisticAggregate extends Common {
  readonly needs: readonly StatisticName[]
  /** What `finish` gives, where it is no more than that: most features of most vectors, found without a call. */
  readonly is?: PlainStatistic
  /**
   * The value over one row or more; NaN is null.
   * @param statistics with `time`, `rows` and what `needs` lists
   */
  finish(statistics: Readonly<WindowStatistics>, parameters: AggregateParameters): number
}

/** An aggregate that reads its value from a collection of a window's values; NaN is null. */
export type CollectionAggregate = { [Name in CollectionName]: CollectionAggregateOf<Name> }[CollectionName]

export interface CollectionAggregateOf<Name extends CollectionName> extends Common {
  readonly collects: Name
  /** Whether it reads no more than `nth` values from either end of the collection's order: all others can be let go of. */
  readonly readsEnds?: true
  /** What is collected instead of the values themselves. */
  readonly encoding?: Encoding
  read(collection: Collections[Name], parameters: AggregateParameters): number
}

/** A function of a value, with the parameters that it depends on. */
export interface Encoding {
  readonly name: string
  readonly parameters: readonly (keyof AggregateParameters)[]
  /** @param textOf the text of a value, where values are codes of texts */
  create(parameters: AggregateParameters, textOf: ((code: number) => string) | undefined): (value: number) => number
}

/** A decimal's mean is no whole number of its units: such aggregates take decimals as numbers, like any function. */
export function keepsDecimals(aggregate: Aggregate): boolean {
  return aggregate.takes !== 'numbers' || aggregate.resultType('decimal') === 'decimal'
}
