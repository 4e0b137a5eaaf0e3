import type { DataType, DataTypeName } from '../../core/data-type.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'

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
  /** What any other value becomes, in history, in events and in rows that ask alike; refused unless given. */
  readonly unknown?: 'null'
}

interface DecimalOptions extends NumberOptions {
  /** Digits after the point, 0 to 15. */
  readonly scale: number
}

const ofEach: OptionsOf<ColumnOptions> = { nullable: true, sensitive: true }
const ofNumbers: OptionsOf<NumberOptions> = { ...ofEach, min: true, max: true }
const ofStrings: OptionsOf<StringOptions> = { ...ofEach, maxLength: true, oneOf: true, unknown: true }
const ofDecimals: OptionsOf<DecimalOptions> = { ...ofNumbers, scale: true }

function column<Name extends DataTypeName, Options extends object>(
  type: Name,
  options: Options,
  known: OptionsOf<Options>,
): ColumnType<Name> {
  checkOptions('a column', options, known)
  return { type, ...options }
}

/**
 * The types of columns, each with its options.
 * @example t.int({ min: 0, max: 6000 })
 */
export const t = {
  string: (options: StringOptions = {}): ColumnType<'string'> => column('string', options, ofStrings),
  /** Whole numbers up to 2^53 - 1 in size. */
  int: (options: NumberOptions = {}): ColumnType<'int'> => column('int', options, ofNumbers),
  /** Doubles. */
  number: (options: NumberOptions = {}): ColumnType<'number'> => column('number', options, ofNumbers),
  /** Numbers with a fixed number of digits after the point, such as amounts of money. */
  decimal: (options: DecimalOptions): ColumnType<'decimal'> => column('decimal', options, ofDecimals),
  bool: (options: ColumnOptions = {}): ColumnType<'bool'> => column('bool', options, ofEach),
  timestamp: (options: ColumnOptions = {}): ColumnType<'timestamp'> => column('timestamp', options, ofEach),
}
