import type { DataTypeName, Schema } from '../../core/data-type.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import { type Bounded, boundedBy, type Check, type CountingCheck, checkOf } from './check-builder.ts'
import type { DistributionReference } from './check-definition.ts'
import type { Numeric } from './requirement.ts'
import type { Stream } from './stream.ts'

type Column<Name extends string, Type extends DataTypeName = DataTypeName> = Readonly<Record<Name, Type>>

/** The table has the column. */
export function columnExists<const Name extends string>(column: Name): Check<Column<Name>> {
  return checkOf({ check: 'columnExists', column })
}

/**
 * The table has exactly these columns; in this order, when it says so.
 * @example columnsAre(['id', 'at', 'amount'], { ordered: true })
 */
export function columnsAre<const Name extends string>(
  columns: readonly Name[],
  { ordered = false }: { readonly ordered?: boolean } = {},
): Check<Column<Name>> {
  return checkOf({ check: 'columns', columns, ordered })
}

/** The column is of a type. */
export function typeIs<const Name extends string, const Type extends DataTypeName>(
  column: Name,
  type: Type,
): Check<Column<Name, Type>> {
  return checkOf({ check: 'type', column, type })
}

/**
 * The part of the rows that have a value.
 * @example completeness('delay_min').atLeast(0.98)
 */
export function completeness<const Name extends string>(column: Name): Pick<Bounded<Column<Name>>, 'atLeast'> {
  return { atLeast: (min) => checkOf({ check: 'completeness', column, min }) }
}

/**
 * The part of the rows that have no value.
 * @example nullRate('mean_delay_1h').atMost(0.2)
 */
export function nullRate<const Name extends string>(column: Name): Pick<Bounded<Column<Name>>, 'atMost'> {
  return { atMost: (rate) => checkOf({ check: 'completeness', column, min: Number((1 - rate).toPrecision(12)) }) }
}

/** No two rows have the same value; rows without one are left out. */
export function unique<const Name extends string>(column: Name): CountingCheck<Column<Name>> {
  return checkOf({ check: 'unique', column })
}

/** No two rows have the same values in all of these columns; rows that lack one are left out. */
export function uniqueTogether<const Name extends string>(...columns: readonly Name[]): CountingCheck<Column<Name>> {
  return checkOf({ check: 'compoundKey', columns })
}

/** How many different values there are: exact up to thousands, within one in a hundred beyond. */
export function distinctCount<const Name extends string>(column: Name): Bounded<Column<Name>> {
  return boundedBy((bounds) => ({ check: 'distinctCount', column, ...bounds }))
}

/** Different values per row that has one: 1 when all differ. */
export function distinctRatio<const Name extends string>(column: Name): Bounded<Column<Name>> {
  return boundedBy((bounds) => ({ check: 'distinctRatio', column, ...bounds }))
}

/**
 * The mean of the values.
 * @example meanOf('delay_min').between(-5, 40)
 */
export function meanOf<const Name extends string>(column: Name): Bounded<Column<Name, Numeric>> {
  return boundedBy((bounds) => ({ check: 'mean', column, ...bounds }))
}

/** The standard deviation of the values (of a sample: divided by n - 1). */
export function stddevOf<const Name extends string>(column: Name): Bounded<Column<Name, Numeric>> {
  return boundedBy((bounds) => ({ check: 'stddev', column, ...bounds }))
}

/**
 * A quantile of the values, within a hundredth of its size.
 * @param at which one, 0 to 1: 0.5 is the median
 */
export function quantileOf<const Name extends string>(column: Name, at: number): Bounded<Column<Name, Numeric>> {
  return boundedBy((bounds) => ({ check: 'quantile', column, at, ...bounds }))
}

/** How many rows a batch has. */
export function rowCount(): Bounded<unknown> {
  return boundedBy((bounds) => ({ check: 'rowCount', ...bounds }))
}

/**
 * How old the newest time of a column may be.
 * @example freshness('arrived_at').within('2h')
 */
export function freshness<const Name extends string>(
  column: Name,
): { within(age: Duration): Check<Column<Name, 'timestamp'>> } {
  return { within: (age) => checkOf({ check: 'freshness', column, within: parseDuration(age, 'freshness, within') }) }
}

/**
 * Each value is one that a column of another stream has; a missing value holds.
 * @example references('origin', airports, 'code')
 */
export function references<const Name extends string, const Columns extends Schema>(
  column: Name,
  stream: Stream<Columns>,
  target: NoInfer<keyof Columns & string>,
): CountingCheck<Column<Name>> {
  return checkOf({ check: 'foreignKey', column, stream: stream.name, references: target }, [stream])
}

/**
 * The values are distributed as those of an earlier sample, whose counts `trueline quality suggest STREAM --distributions`
 * prints. It is breached where both chance is no explanation and the population stability index reaches `psi`.
 */
export function distributedLike<const Name extends string>(
  column: Name,
  reference: DistributionReference,
  { psi = 0.2 }: { readonly psi?: number } = {},
): Check<Column<Name>> {
  return checkOf({ check: 'distribution', column, reference, psi })
}
