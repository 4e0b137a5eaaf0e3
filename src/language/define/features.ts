import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { type Duration, parseDuration } from '../../core/time.ts'
import type { Feature, SeveralFeatures, UntypedFeature } from './aggregation.ts'
import { byName } from './by-name.ts'
import type { CheckDefinition } from './check-definition.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { FeatureDefinition, FeaturesDefinition, ModelInput, Prose } from './definitions.ts'
import { type Entity, proseOf } from './entity.ts'
import { typeOfFeature, typeOrNumber } from './feature-type.ts'
import { isObject, isOfKind, mustBe } from './given.ts'
import { withHidden } from './mentions.ts'
import type { ColumnsOf, Offers, Requires, RowOf } from './requirement.ts'
import type { Stream } from './stream.ts'
import { longest } from './window.ts'

/** A group of features as a model reads it, from a row with the key of its entity. */
export interface Features<Key extends Schema, Name extends string>
  extends FeaturesDefinition,
    Requires<RowOf<Key>>,
    Offers<Name> {
  /** Only these features of the group. */
  pick(...names: readonly Name[]): FeaturesInput & Requires<RowOf<Key>>
  /**
   * For a row that carries the entity's key in columns of other names.
   * @param keys key column of the entity -> column of the row that asks
   */
  on<const Keys extends Readonly<Record<keyof Key & string, string>>>(
    keys: Keys,
  ): MappedFeatures<Name, { readonly [Column in keyof Key & string as Keys[Column]]: Key[Column]['type'] }>
}

type FeaturesInput = Extract<ModelInput, { kind: 'features' }>

interface MappedFeatures<Name extends string, in Row> extends FeaturesInput, Requires<Row>, Offers<Name> {
  pick(...names: readonly Name[]): FeaturesInput & Requires<Row>
}

interface FeaturesOptions<Key extends Schema, Columns extends Schema, Select extends Selection<RowOf<Columns>>>
  extends Prose {
  readonly entity: Entity<Key>
  readonly from: Stream<Columns>
  /** The features by name: aggregates over windows. */
  readonly select: Select
  /** An entity without a visible row within this time is an `unknown_key`; by default the longest window. */
  readonly horizon?: Duration | 'lifetime'
  /** Promised age of the newest data. */
  readonly freshness?: Duration
  /** What must hold of the values. */
  readonly expect?: readonly (CheckDefinition & Requires<FeatureRow<NoInfer<FeatureNames<Select>>>>)[]
}

const known: OptionsOf<FeaturesOptions<Schema, Schema, Record<string, never>> & { readonly keys?: unknown }> = {
  entity: true,
  from: true,
  select: true,
  keys: true,
  horizon: true,
  freshness: true,
  expect: true,
  owner: true,
  description: true,
}

/** Features by name, and several under one name. */
type Selection<Row> = Readonly<Record<string, Feature<Row> | SeveralFeatures<Row, string>>>

/** The names that the features of a selection have. */
type FeatureNames<Select> = {
  [Name in keyof Select & string]: Select[Name] extends SeveralFeatures<never, infer Suffix>
    ? `${Name}_${Suffix}`
    : Name
}[keyof Select & string] &
  string

/** A row of features to checks: their names are known to the compiler, their types to the check of the project. */
type FeatureRow<Name extends string> = { readonly [Feature in Name]: never }

/** Key column of the entity -> column of the stream; may be left out where the names are the same. */
type KeysOption<Key extends Schema, Columns extends Schema> =
  RowOf<Columns> extends RowOf<Key> ? { readonly keys?: KeysOf<Key, Columns> } : { readonly keys: KeysOf<Key, Columns> }

type KeysOf<Key extends Schema, Columns extends Schema> = {
  readonly [Column in keyof Key & string]: ColumnsOf<Columns, Key[Column]['type']>
}

/**
 * Windowed aggregates of one stream, per entity.
 * @example
 * features('origin_delays', { entity: origin, from: arrivals, select: { mean_delay_1h: mean('delay_min').over('1h') } })
 */
export function features<
  const Key extends Schema,
  const Columns extends Schema,
  const Select extends Selection<RowOf<Columns>>,
>(
  name: string,
  options: FeaturesOptions<Key, Columns, Select> & KeysOption<Key, Columns>,
): Features<Key, FeatureNames<Select>> {
  checkOptions(`features '${name}'`, options as never, known)
  const { entity, from, select, freshness, horizon } = options
  const place = `features '${name}'`
  mustBe(
    isOfKind(entity, 'entity'),
    `${place}, entity`,
    entity,
    'Give the entity itself, without quotes: entity: customer.',
  )
  mustBe(isOfKind(from, 'stream'), `${place}, from`, from, 'Give the stream itself, without quotes: from: orders.')
  mustBe(isObject(select), `${place}, select`, select, "Give features by name: select: { n_1h: count().over('1h') }.")
  const typed = selected(name, select).map(([feature, untyped]): [string, FeatureDefinition] => [
    feature,
    { ...untyped, ...typeOrNumber(() => typeOfFeature(untyped, from.schema)) },
  ])
  const definition: FeaturesDefinition = {
    kind: 'features',
    name,
    entity: entity.name,
    from: from.name,
    keys: sameNames(entity.key, options.keys),
    select: byName(Object.fromEntries(typed)),
    horizon:
      horizon === undefined ? longest(typed.map(([, { window }]) => window)) : reach(`${place}, horizon`, horizon),
    ...(freshness === undefined ? {} : { freshness: parseDuration(freshness, `${place}, freshness`) }),
    expect: options.expect ?? [],
    ...proseOf(options),
  }
  const input = (
    keys: Readonly<Record<string, string>>,
    only?: readonly string[],
    methods: object = {},
  ): FeaturesInput => {
    const data: FeaturesInput = { kind: 'features', name, keys: byName(keys), ...(only === undefined ? {} : { only }) }
    return withHidden(data, [definition], methods)
  }
  const methods = {
    pick: (...only: string[]) => input(sameNames(entity.key), only),
    on: (keys: Readonly<Record<string, string>>) =>
      input(keys, undefined, { pick: (...only: string[]) => input(keys, only) }),
  }
  // The names are known to the compiler alone.
  return withHidden(definition, [entity, from], methods) as FeaturesDefinition as Features<Key, FeatureNames<Select>>
}

/** The features of a selection, each under its own name. */
function selected(group: string, select: Selection<never>): [string, UntypedFeature][] {
  const found = Object.entries(select).flatMap(([name, one]): [string, UntypedFeature][] => {
    const example = "Give an aggregate over a window: count().over('1h')."
    mustBe(isObject(one), `features '${group}', select.${name}`, one, example)
    if ('features' in one) return Object.entries(one.features).map(([suffix, of]) => [`${name}_${suffix}`, of])
    if (one.feature === undefined) throw withoutWindow(group, name)
    return [[name, one.feature]]
  })
  const names = found.map(([name]) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return found
  const path = `features '${group}', select.${twice}`
  throw new TruelineError('definition_invalid', `${path}: Two features have this name.`, { path })
}

/** Each column of a key with the column that carries it: its own name unless given. */
export function sameNames(key: Schema, given: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return byName({ ...Object.fromEntries(Object.keys(key).map((column) => [column, column])), ...given })
}

function reach(place: string, horizon: Duration | 'lifetime'): number | 'lifetime' {
  return horizon === 'lifetime' ? horizon : parseDuration(horizon, place)
}

/** For plain JavaScript: the compiler does not let it come to this. */
function withoutWindow(group: string, feature: string): TruelineError {
  const path = `features '${group}', select.${feature}`
  return new TruelineError('definition_invalid', `${path}: It has no window.`, {
    path,
    remedy: "Say over which rows it is taken: end it with .over('30d'), or with .over('lifetime').",
  })
}
