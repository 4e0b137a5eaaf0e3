import type { DataType, DataTypeName } from '../../core/data-type.ts'

/** A column's type, known to the compiler by its name. */
export interface ColumnType<Name extends DataTypeName = DataTypeName> extends DataType {
  readonly type: Name
}

interface ColumnOptions {
  /** The column may be null. */
  readonly nullable?: boolean
  /** The value is never echoed in errors, logs and dead letters. */
  readonly sensitive?: boolean
}

interface NumberOptions extends ColumnOptions {
  /** Smallest and largest value, inclusive. */
  readonly min?: number
  readonly max?: number
}

interface StringOptions extends ColumnOptions {
  /** Most UTF-16 code units. */
  readonly maxLength?: number
  /** The only values allowed. */
  readonly oneOf?: readonly string[]
}

interface DecimalOptions extends NumberOptions {
  /** Digits after the point, 0 to 15. */
  readonly scale: number
}

/**
 * The types of columns, each with its options.
 * @example t.int({ min: 0, max: 6000 })
 */
export const t = {
  string: (options: StringOptions = {}): ColumnType<'string'> => ({ type: 'string', ...options }),
  /** Whole numbers up to 2^53 - 1 in size. */
  int: (options: NumberOptions = {}): ColumnType<'int'> => ({ type: 'int', ...options }),
  /** Doubles. */
  number: (options: NumberOptions = {}): ColumnType<'number'> => ({ type: 'number', ...options }),
  /** Numbers with a fixed number of digits after the point, such as amounts of money. */
  decimal: (options: DecimalOptions): ColumnType<'decimal'> => ({ type: 'decimal', ...options }),
  bool: (options: ColumnOptions = {}): ColumnType<'bool'> => ({ type: 'bool', ...options }),
  timestamp: (options: ColumnOptions = {}): ColumnType<'timestamp'> => ({ type: 'timestamp', ...options }),
}
