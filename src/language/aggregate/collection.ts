/**
 * What the kernel can keep of the values of a window beyond sums and ends, each a function of its rows alone. An aggregate
 * names one and reads its answer from it; places (`nth`) count from 1, and what is not there is NaN.
 */
export interface Collections {
  /** All values in ascending order, as often as they come. */
  readonly sorted: SortedValues
  readonly counted: CountedValues
  /** Registers of a HyperLogLog sketch; the lane holds `register * 64 + rank`. */
  readonly registers: RegisterRanks
  readonly powers: CentralMoments
  /** Values in the order of events. */
  readonly ordered: OrderedValues
  readonly tiles: TileSums
}

export type CollectionName = keyof Collections

export interface SortedValues {
  readonly count: number
  /** The value of a rank from 0 to count - 1. */
  at(rank: number): number
}

/** Different values with how many rows have each. */
export interface CountedValues {
  rowsWith(value: number): number
  /** By falling number of rows, equal ones in the order of values. */
  mostFrequent(nth: number): number
  /** In the order of values: numbers by size, texts by their UTF-8 bytes. */
  inOrder(nth: number): number
}

export interface RegisterRanks {
  /** How many registers have seen no rank above this one, and this one. */
  withRank(rank: number): number
}

/** Whole multiples of one unit: n^2 times the second, n^3 times the third and n^4 times the fourth central moment. */
export interface CentralMoments {
  /** Of the unit's square. */
  second(): bigint
  /** Of its third power. */
  third(): bigint
  /** Of its fourth power. */
  fourth(): bigint
}

export interface OrderedValues {
  first(nth: number): number
  last(nth: number): number
}

/** Stretches of time on a fixed grid, of the values in them. */
export interface TileSums {
  /**
   * Goes over the tiles that have values, from the oldest to the newest.
   * @param visit takes how many tiles ago it was (0 is the newest), the correctly rounded sum, and how many values
   */
  each(visit: (age: number, sum: number, values: number) => void): void
}
