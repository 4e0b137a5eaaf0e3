import type { DataTypeName, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import type { Duration } from '../../core/time.ts'
import type { AggregateParameters } from '../aggregate/aggregate.ts'
import type { Expression } from '../expr/expression.ts'
import type { FeatureDefinition } from './definitions.ts'
import type { Numeric, Offers, Requires } from './requirement.ts'
import {
  type BoolOperand,
  type BoolTerm,
  type ColumnTerm,
  col,
  expressionOf,
  type Needs,
  type NumberTerm,
  type TextTerm,
} from './terms.ts'
import { type DelayOption, type HopOption, type Window, type WindowOptions, windowOf } from './window.ts'

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

/** Several features that a group selects under one name: each is called that name, `_`, and its own suffix. */
export interface SeveralFeatures<in Row, out Suffix extends string> extends Requires<Row>, Offers<Suffix> {
  readonly features: Readonly<Record<string, UntypedFeature>>
  where<X extends BoolOperand>(condition: X): SeveralFeatures<Row & Needs<X, 'bool'>, Suffix>
  /** What they mean, for the catalogue. */
  describe(text: string): SeveralFeatures<Row, Suffix>
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
  /**
   * One feature for each of some values of a second key, over the rows that have it; named after the values, or as a record
   * says where they are no names.
   * @example sum('delay_min').by('carrier', ['AA', 'DL']).over('1d')
   */
  by<const Name extends string, const Values extends KeyValues>(
    column: Name,
    values: Values,
  ): SeveralAggregations<Row & Readonly<Record<Name, TypeOfValues<Values>>>, SuffixOf<Values>>
}

/** Several aggregates that still need a window: see `SeveralFeatures`. */
export interface SeveralAggregations<in Row, out Suffix extends string> {
  over(window: Duration, options?: HopOption): SeveralFeatures<Row, Suffix>
  over(window: 'lifetime', options?: DelayOption): SeveralFeatures<Row, Suffix>
  over(window: WindowOptions): SeveralFeatures<Row, Suffix>
  where<X extends BoolOperand>(condition: X): SeveralAggregations<Row & Needs<X, 'bool'>, Suffix>
  by<const Name extends string, const Values extends KeyValues>(
    column: Name,
    values: Values,
  ): SeveralAggregations<Row & Readonly<Record<Name, TypeOfValues<Values>>>, `${SuffixOf<Values>}_${Suffix}`>
}

/** An aggregate of one row, of which there can be several. */
export interface PlacedAggregation<in Row> extends Aggregation<Row> {
  /** The first `count` of them, from 1 on. */
  n<const Count extends number>(count: Count): SeveralAggregations<Row, Places<Count>>
}

type KeyValue = string | number | boolean
type KeyValues = readonly KeyValue[] | Readonly<Record<string, KeyValue>>

type SuffixOf<Values extends KeyValues> = Values extends readonly (infer Item extends KeyValue)[]
  ? `${Item}`
  : keyof Values & string

type TypeOfValues<Values extends KeyValues> = TypeOfValue<
  Values[keyof Values & (Values extends readonly unknown[] ? number : string)]
>
type TypeOfValue<Item> = Item extends string ? 'string' : Item extends boolean ? 'bool' : Numeric

/** '1' to the number, as far as the compiler knows it. */
export type Places<
  Count extends number,
  Counted extends readonly unknown[] = readonly [unknown],
  Found extends string = never,
> = number extends Count
  ? `${number}`
  : Counted['length'] extends Count | 100
    ? Found | `${Counted['length'] & number}`
    : Places<Count, readonly [...Counted, unknown], Found | `${Counted['length'] & number}`>

export type NumberSource = string | ColumnTerm<string> | NumberTerm<never>
export type AnySource = NumberSource | BoolTerm<never> | TextTerm<never>

/** What an aggregate's source requires of the row when it is used as a value of a type. */
export type SourceNeeds<X, Type extends DataTypeName> = X extends string ? Readonly<Record<X, Type>> : Needs<X, Type>

/** An aggregate before it has a window. */
export interface Draft extends Omit<UntypedFeature, 'window'> {
  /** Parameters that depend on the window. */
  readonly parametersOf?: (window: Window) => AggregateParameters
}

/** An aggregate to be completed with a window. */
export function pending<Row>(draft: Draft): Aggregation<Row> {
  return {
    over: (window: Duration | 'lifetime' | WindowOptions, options?: HopOption) =>
      feature(complete(draft, windowOf(window, options))),
    where: (condition) => pending({ ...draft, ...narrow(draft.where, condition) }),
    by: (column, values) => severalPending(byValues({ '': draft }, column, values)),
  }
}

/** Aggregates to be completed with one window, by suffix. */
export function severalPending<Row, Suffix extends string>(
  drafts: Readonly<Record<string, Draft>>,
): SeveralAggregations<Row, Suffix> {
  return {
    over: (window: Duration | 'lifetime' | WindowOptions, options?: HopOption) =>
      severalFeatures(mapped(drafts, (draft) => complete(draft, windowOf(window, options)))),
    where: (condition) => severalPending(mapped(drafts, (draft) => ({ ...draft, ...narrow(draft.where, condition) }))),
    by: (column, values) => severalPending(byValues(drafts, column, values)),
  }
}

/**
 * One draft for each place, by its number.
 * @throws TruelineError `definition_invalid`
 */
export function placed(count: number, draftOf: (nth: number) => Draft): Readonly<Record<string, Draft>> {
  if (!(Number.isInteger(count) && count >= 1))
    throw new TruelineError('definition_invalid', `${count} is no number of places.`, {
      remedy: 'Give a whole number from 1 on.',
    })
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [String(index + 1), draftOf(index + 1)]))
}

function feature<Row>(definition: UntypedFeature): Feature<Row> {
  return {
    feature: definition,
    where: (condition) => feature({ ...definition, ...narrow(definition.where, condition) }),
    describe: (description) => feature({ ...definition, description }),
  }
}

function severalFeatures<Row, Suffix extends string>(
  features: Readonly<Record<string, UntypedFeature>>,
): SeveralFeatures<Row, Suffix> {
  return {
    features,
    where: (condition) => severalFeatures(mapped(features, (one) => ({ ...one, ...narrow(one.where, condition) }))),
    describe: (description) => severalFeatures(mapped(features, (one) => ({ ...one, description }))),
  }
}

function complete({ parametersOf, ...draft }: Draft, window: Window): UntypedFeature {
  return parametersOf === undefined ? { ...draft, window } : { ...draft, window, parameters: parametersOf(window) }
}

/** Each draft over the rows that have each of the values, by the name of the value and the draft's own suffix. */
function byValues(
  drafts: Readonly<Record<string, Draft>>,
  column: string,
  values: KeyValues,
): Readonly<Record<string, Draft>> {
  const named = Array.isArray(values)
    ? values.map((value: Value) => [String(value), value] as const)
    : Object.entries(values)
  return Object.fromEntries(
    named.flatMap(([name, value]) =>
      Object.entries(drafts).map(([suffix, draft]) => {
        const condition = col(column).eq(value as KeyValue)
        return [
          suffix === '' ? name : `${name}_${suffix}`,
          { ...draft, ...narrow(draft.where, condition as BoolOperand) },
        ]
      }),
    ),
  )
}

/** The rows for which both hold. */
function narrow(where: Expression | undefined, condition: BoolOperand): { readonly where: Expression } {
  const next = expressionOf(condition)
  return { where: where === undefined ? next : { kind: 'call', function: 'and', arguments: [where, next] } }
}

function mapped<From, To>(
  members: Readonly<Record<string, From>>,
  change: (member: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, change(member)]))
}
