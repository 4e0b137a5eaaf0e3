/** The types of values: see docs/semantics.md, "Time and numbers". */
export type DataTypeName = 'int' | 'decimal' | 'number' | 'bool' | 'string' | 'timestamp'

/** A column's type with its declared domain; plain data, part of every digest that uses it. */
export interface DataType {
  readonly type: DataTypeName
  /** A column is required unless it says that it may be null. */
  readonly nullable?: boolean
  /** Smallest and largest value, inclusive; for int, decimal and number. */
  readonly min?: number
  readonly max?: number
  /** Digits after the point; for decimal. */
  readonly scale?: number
  /** Most UTF-16 code units; for string. */
  readonly maxLength?: number
  /** The only values allowed; for string. */
  readonly oneOf?: readonly string[]
  /** What any other value becomes; absent: it is refused. */
  readonly unknown?: 'null'
  /** What a row without a value has; for timestamp. */
  readonly default?: number
  /** Never echoed in errors, logs and dead letters. */
  readonly sensitive?: boolean
}

/** Columns by name. */
export type Schema = Readonly<Record<string, DataType>>

/** A value as it comes from JSON and goes back to it; timestamps are microseconds. */
export type Value = number | string | boolean | null

/** Numbers other than zero are between these in size, so that exact sums and squares stay in range. */
export const SMALLEST_NUMBER = 2 ** -200
export const LARGEST_NUMBER = 2 ** 200
