import type { DataTypeName } from '../../core/data-type.ts'
import { checkOf, type RowCheck } from './check-builder.ts'
import type { CheckValue, Comparison } from './check-definition.ts'
import type { Numeric, Ordered, Requires } from './requirement.ts'
import { type BoolTerm, type ColumnTerm, expressionOf } from './terms.ts'

type Column<Name extends string, Type extends DataTypeName = DataTypeName> = Readonly<Record<Name, Type>>

/**
 * The column has a value.
 * @example notNull('tail_number').critical()
 */
export function notNull<const Name extends string>(column: Name): RowCheck<Column<Name>> {
  return checkOf({ check: 'notNull', column })
}

/** Texts that stand for a missing value, where no others are named. */
export const usualTokens: readonly string[] = [
  '',
  '-',
  '?',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'n/a',
  'nan',
  'none',
  'null',
  'unknown',
]

/**
 * The text is not one that stands for a missing value: '', 'N/A', 'null', '-' and the like, unless others are named.
 * @example missingTokens('carrier', ['XX', '']).mostly(0.99)
 */
export function missingTokens<const Name extends string>(
  column: Name,
  tokens: readonly string[] = usualTokens,
): RowCheck<Column<Name, 'string'>> {
  return checkOf({ check: 'missingTokens', column, tokens })
}

/**
 * The value is one of these; a missing value holds.
 * @example inSet('status', ['landed', 'cancelled', 'diverted'])
 */
export function inSet<const Name extends string, const Item extends CheckValue>(
  column: Name,
  values: readonly Item[],
): RowCheck<Column<Name, TypeOf<Item>>> {
  return checkOf({ check: 'inSet', column, values })
}

/** The value is none of these; a missing value holds. */
export function notInSet<const Name extends string, const Item extends CheckValue>(
  column: Name,
  values: readonly Item[],
): RowCheck<Column<Name, TypeOf<Item>>> {
  return checkOf({ check: 'notInSet', column, values })
}

/**
 * The value lies between two numbers (times in microseconds), both included; a missing value holds.
 * @example between('delay_min', -120, 3000).critical()
 */
export function between<const Name extends string>(
  column: Name,
  min: number,
  max: number,
): RowCheck<Column<Name, Ordered>> {
  return checkOf({ check: 'range', column, min, max })
}

/** The value is at least this one; a missing value holds. */
export function atLeast<const Name extends string>(column: Name, min: number): RowCheck<Column<Name, Ordered>> {
  return checkOf({ check: 'range', column, min })
}

/** The value is at most this one; a missing value holds. */
export function atMost<const Name extends string>(column: Name, max: number): RowCheck<Column<Name, Ordered>> {
  return checkOf({ check: 'range', column, max })
}

/** The text has between so many UTF-16 units, both included; a missing value holds. */
export function lengthBetween<const Name extends string>(
  column: Name,
  min: number,
  max: number,
): RowCheck<Column<Name, 'string'>> {
  return checkOf({ check: 'length', column, min, max })
}

/**
 * The text holds a match of a regular expression: `^` and `$` tie it to the ends. It is matched in time that grows with the text
 * alone, so look-around and back-references are not part of it. A missing value holds.
 * @example matches('origin', '^[A-Z]{3}$')
 */
export function matches<const Name extends string>(column: Name, pattern: string): RowCheck<Column<Name, 'string'>> {
  return checkOf({ check: 'pattern', column, pattern })
}

/**
 * The text is a date or time of the calendar: in ISO 8601, or of a format of YYYY, MM, DD, hh, mm and ss. A missing value holds.
 * @example parsesAsDate('day', 'DD.MM.YYYY')
 */
export function parsesAsDate<const Name extends string>(
  column: Name,
  format = 'ISO 8601',
): RowCheck<Column<Name, 'string'>> {
  return checkOf({ check: 'dateParse', column, format })
}

const comparisons = { '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const

/**
 * Two columns of a row compare as said; holds where one of them is missing.
 * @example compare('departed_at', '<=', 'arrived_at')
 */
export function compare<const Left extends string, const Right extends string>(
  left: Left,
  comparison: keyof typeof comparisons,
  right: Right,
): RowCheck<Column<Left | Right>> {
  const name: Comparison = comparisons[comparison]
  return checkOf({ check: 'crossColumn', left, comparison: name, right })
}

/**
 * A condition that a row holds; holds also where it is null.
 * @example holds(col('delay_min').gt(0).or(col('cancelled')))
 */
export function holds<Row>(condition: BoolTerm<Row>): RowCheck<Row>
export function holds<const Name extends string>(condition: ColumnTerm<Name>): RowCheck<Column<Name, 'bool'>>
export function holds(condition: BoolTerm<never> | ColumnTerm<string>): RowCheck<never> & Requires<never> {
  return checkOf({ check: 'expression', expression: expressionOf(condition) })
}

type TypeOf<Item extends CheckValue> = Item extends string
  ? 'string'
  : Item extends boolean
    ? 'bool'
    : Numeric | 'timestamp'
