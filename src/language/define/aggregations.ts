import type { DataTypeName } from '../../core/data-type.ts'
import type { Duration } from '../../core/time.ts'
import type { AggregateName } from '../aggregate/registry.ts'
import type { Expression } from '../expr/expression.ts'
import type { FeatureDefinition } from './definitions.ts'
import type { Numeric, Ordered, Requires } from './requirement.ts'
import { type BoolOperand, type BoolTerm, type ColumnTerm, expressionOf, type Needs, type NumberTerm } from './terms.ts'
import { type DelayOption, type HopOption, type WindowOptions, windowOf } from './window.ts'

/** A feature before its group gives it a type. */
export type UntypedFeature = Omit<FeatureDefinition, 'type' | 'scale'>

/** An aggregate over a window: a feature, as a group selects it. */
export interface Feature<in Row> extends Requires<Row> {
  readonly feature: UntypedFeature
  /** Only the rows for which a condition holds. */
  where<X extends BoolOperand>(condition: X): Feature<Row & Needs<X, 'bool'>>
  /** What the feature means, for the catalogue. */
  describe(text: string): Feature<Row>
}

/** An aggregate that still needs a window. */
export interface Aggregation<in Row> {
  /**
   * The rows of `[t - window, t)`; with a hop, the start of the window is rounded down to a multiple of it. See
   * docs/semantics.md, "Windows".
   */
  over(window: Duration, options?: HopOption): Feature<Row>
  /** All rows before t. */
  over(window: 'lifetime', options?: DelayOption): Feature<Row>
  /**
   * The rows since a moment, since a unit of the calendar began, of the session, or the last ones.
   * @example count().over({ calendar: 'day', zone: 'America/Chicago' })
   */
  over(window: WindowOptions): Feature<Row>
  /** Only the rows for which a condition holds. */
  where<X extends BoolOperand>(condition: X): Aggregation<Row & Needs<X, 'bool'>>
}

type NumberSource = string | ColumnTerm<string> | NumberTerm<never>
type AnySource = NumberSource | BoolTerm<never>

type SourceNeeds<X, Type extends DataTypeName> = X extends string ? Readonly<Record<X, Type>> : Needs<X, Type>

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

/** The value of the first row that has one. */
export function first<const X extends AnySource>(source: X): Aggregation<SourceNeeds<X, DataTypeName>> {
  return aggregation('first', source)
}

/**
 * The value of the last row that has one; with a time to live it is complete, and null when that row is older.
 * @example last('delay_min', { ttl: '2h' })
 */
export function last<const X extends AnySource>(
  source: X,
  options: { readonly ttl: Duration },
): Feature<SourceNeeds<X, DataTypeName>>
export function last<const X extends AnySource>(source: X): Aggregation<SourceNeeds<X, DataTypeName>>
export function last(source: AnySource, options?: { readonly ttl: Duration }): Feature<unknown> | Aggregation<unknown> {
  const aggregate = aggregation<unknown>('last', source)
  return options === undefined ? aggregate : aggregate.over(options.ttl)
}

type Aggregated = Omit<UntypedFeature, 'window'>

function aggregation<Row>(aggregate: AggregateName, source?: AnySource): Aggregation<Row> {
  return pending(source === undefined ? { aggregate } : { aggregate, argument: expressionOf(source) })
}

function pending<Row>(aggregated: Aggregated): Aggregation<Row> {
  return {
    over: (window: Duration | 'lifetime' | WindowOptions, options?: HopOption) =>
      feature({ ...aggregated, window: windowOf(window, options) }),
    where: (condition) => pending({ ...aggregated, where: narrow(aggregated.where, condition) }),
  }
}

function feature<Row>(definition: UntypedFeature): Feature<Row> {
  return {
    feature: definition,
    where: (condition) => feature({ ...definition, where: narrow(definition.where, condition) }),
    describe: (description) => feature({ ...definition, description }),
  }
}

/** The rows for which both hold. */
function narrow(where: Expression | undefined, condition: BoolOperand): Expression {
  const next = expressionOf(condition)
  return where === undefined ? next : { kind: 'call', function: 'and', arguments: [where, next] }
}
