import type { DataTypeName } from '../../core/data-type.ts'

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
}

export type StatisticName = Exclude<keyof WindowStatistics, 'time' | 'rows'>

/** Values that an aggregate can take: whole rows, or an argument of certain types. */
export type Takes = 'rows' | 'numbers' | 'ordered' | 'bools' | 'values'

/** An aggregate: which statistics of a window it needs, and what it makes of them. */
export interface Aggregate {
  readonly takes: Takes
  readonly needs: readonly StatisticName[]
  /** Its value over no rows: 0, or NaN for null. */
  readonly empty: number
  /** Type of the value, for the type of the argument; `int` stands for whole rows. */
  resultType(argument: DataTypeName): DataTypeName
  /**
   * The value over one row or more; NaN is null.
   * @param statistics with `time`, `rows` and what `needs` lists
   */
  finish(statistics: Readonly<WindowStatistics>): number
}

/** A decimal's mean is no whole number of its units: such aggregates take decimals as numbers, like any function. */
export function keepsDecimals(aggregate: Aggregate): boolean {
  return aggregate.resultType('decimal') !== 'number'
}
