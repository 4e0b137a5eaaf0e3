import type { DataTypeName } from '../../core/data-type.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type { AggregateName } from '../aggregate/registry.ts'
import {
  type Aggregation,
  type AnySource,
  type Feature,
  type NumberSource,
  type PlacedAggregation,
  pending,
  placed,
  type SourceNeeds,
  severalPending,
} from './aggregation.ts'
import { checkOptions } from './check-options.ts'
import type { Numeric, Ordered } from './requirement.ts'
import { type BoolOperand, expressionOf } from './terms.ts'

/** How many rows there are; 0 over no rows. */
export function count(): Aggregation<unknown> {
  return aggregation('count')
}

/** The correctly rounded sum of a column or an expression; like all that follow, nulls are left out and no values give null. */
export function sum<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('sum', source)
}

/** The rounded sum over the number of values. */
export function mean<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('mean', source)
}

export function min<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Ordered>> {
  return aggregation('min', source)
}

export function max<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Ordered>> {
  return aggregation('max', source)
}

/** The sample variance; null for fewer than two values. */
export function variance<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('variance', source)
}

/** The root of the sample variance. */
export function stddev<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('stddev', source)
}

/**
 * The part of the rows for which a condition holds, of those for which it is not null.
 * @example share(col('delay_min').gt(15)).over('3h', { hop: '5m' })
 */
export function share<const X extends string | BoolOperand>(condition: X): Aggregation<SourceNeeds<X, 'bool'>> {
  return aggregation('share', condition)
}

/** How many different values there are; 0 over no values. */
export function distinct<const X extends AnySource>(source: X): Aggregation<SourceNeeds<X, DataTypeName>> {
  return aggregation('distinct', source)
}

/** Seconds from the last row to t. */
export function timeSinceLast(): Aggregation<unknown> {
  return aggregation('timeSinceLast')
}

/** The value of the first row that has one; `first('x').n(3)` are those of the first three, in the order of events. */
export function first<const X extends AnySource>(source: X): PlacedAggregation<SourceNeeds<X, DataTypeName>> {
  return placedAggregation('first', 'nthFirst', source)
}

/**
 * The value of the last row that has one; with a time to live it is complete, and null when that row is older.
 * `last('x').n(3)` are those of the last three, the last one first.
 * @example last('delay_min', { ttl: '2h' })
 */
export function last<const X extends AnySource>(
  source: X,
  options: { readonly ttl: Duration },
): Feature<SourceNeeds<X, DataTypeName>>
export function last<const X extends AnySource>(source: X): PlacedAggregation<SourceNeeds<X, DataTypeName>>
export function last(
  source: AnySource,
  options?: { readonly ttl: Duration },
): Feature<unknown> | PlacedAggregation<unknown> {
  const aggregate = placedAggregation<unknown>('last', 'nthLast', source)
  if (options === undefined) return aggregate
  checkOptions('last', options, { ttl: true })
  return aggregate.over(options.ttl)
}

/**
 * How many rows there are per stretch of time; 0 over no rows. The time is that from the window's beginning to its end; a
 * lifetime, a session and the last rows begin with their first row.
 * @example rate('1m').over('1h')
 */
export function rate(per: Duration): Aggregation<unknown> {
  return pending({ aggregate: 'rate', parameters: { per: parseDuration(per, 'rate, per') } })
}

/** The population's skewness; null where all values are equal. */
export function skewness<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('skewness', source)
}

/** The population's excess kurtosis, 0 for a normal distribution; null where all values are equal. */
export function kurtosis<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('kurtosis', source)
}

/**
 * A quantile of all values, from 0 (the smallest) to 1 (the largest); where it falls between two of them, between them. A
 * lifetime keeps every different value for it: `approximateQuantile` does not.
 * @example quantile('delay_min', 0.9).over('7d', { hop: '1h' })
 */
export function quantile<const X extends NumberSource>(source: X, part: number): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('quantile', source, { quantile: part })
}

/** The middle value, or the mean of the two in the middle. */
export function median<const X extends NumberSource>(source: X): Aggregation<SourceNeeds<X, Numeric>> {
  return quantile(source, 0.5)
}

/**
 * A quantile within 1 % of the value of a row, by DDSketch: its state has one number for each bucket that has values, 64 for
 * values between one power of two and the next.
 */
export function approximateQuantile<const X extends NumberSource>(
  source: X,
  part: number,
): Aggregation<SourceNeeds<X, Numeric>> {
  return aggregation('approximateQuantile', source, { quantile: part })
}

const DEFAULT_PRECISION = 12

/**
 * About how many different values there are, by HyperLogLog: its state does not grow with their number.
 * @param options precision from 4 to 14: 2^precision registers, and an error of about 1.04 / sqrt(2^precision); 12 (1.6 %)
 *   unless given
 */
export function approximateDistinct<const X extends AnySource>(
  source: X,
  options: { readonly precision?: number } = {},
): Aggregation<SourceNeeds<X, DataTypeName>> {
  checkOptions('approximateDistinct', options, { precision: true })
  return aggregation('approximateDistinct', source, { precision: options.precision ?? DEFAULT_PRECISION })
}

function aggregation<Row>(
  aggregate: AggregateName,
  source?: AnySource | BoolOperand,
  parameters?: AggregateParameters,
): Aggregation<Row> {
  return pending({
    aggregate,
    ...(source === undefined ? {} : { argument: expressionOf(source) }),
    ...(parameters === undefined ? {} : { parameters }),
  })
}

function placedAggregation<Row>(one: AggregateName, nthOne: AggregateName, source: AnySource): PlacedAggregation<Row> {
  const argument = expressionOf(source)
  return {
    ...aggregation<Row>(one, source),
    n: (count) => severalPending(placed(count, (nth) => ({ aggregate: nthOne, argument, parameters: { nth } }))),
  }
}
