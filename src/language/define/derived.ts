import { byName } from './by-name.ts'
import { checkOptions, type OptionsOf } from './check-options.ts'
import type { DerivedDefinition, ModelInput, PlainInput, Prose, ReadDefinition } from './definitions.ts'
import { proseOf } from './entity.ts'
import { isObject, mustBe } from './given.ts'
import { inputOf, type Whole } from './input-of.ts'
import { mentionedBy, withHidden } from './mentions.ts'
import type { AllNeeds } from './request.ts'
import type { Offers, Requires } from './requirement.ts'
import {
  type BoolTerm,
  type ColumnTerm,
  type NumberTerm,
  type TextTerm,
  termExpression,
  type ValueTerm,
  valueTerm,
} from './terms.ts'

/** Derived features, for rows with what all that they read requires. */
export interface Derived<in Row, Name extends string = string> extends DerivedDefinition, Requires<Row>, Offers<Name> {
  /** Only these of the features. */
  pick(...names: readonly Name[]): DerivedInput & Requires<Row>
}

type DerivedInput = Extract<ModelInput, { kind: 'request' | 'derived' }>

type DerivedTerm = ColumnTerm<string> | NumberTerm<never> | BoolTerm<never> | TextTerm<never>

interface DerivedOptions<Select> extends Prose {
  /** Expressions over values of other definitions, `feature(group, 'name')`, and columns of the row that asks, `req('name')`. */
  readonly select: Select
}

const known: OptionsOf<DerivedOptions<unknown>> = { select: true, owner: true, description: true }

/** What a term remembers of a value that it reads. */
interface Reference {
  readonly column: string
  readonly read: ReadDefinition
}

/** What names its values: a group of features or a table, whole or with its keys mapped; request and derived features. */
type Source = Whole | Exclude<PlainInput, { kind: 'pick' }>

/**
 * A value that another definition gives for the same row at the same t, to build a derived feature on.
 * @example feature(originDelays, 'mean_1h').divide(feature(destinationDelays, 'mean_1h'))
 */
export function feature<Row, const Name extends string>(
  from: Source & Requires<Row> & Offers<Name>,
  name: NoInfer<Name>,
): ValueTerm<Row> {
  const read = readOf(from, name)
  const column = `${from.name}${mappedText(read)}.${name}`
  const reference: Reference = { column, read }
  return valueTerm(column, withHidden(reference, [from], {}))
}

/**
 * Features over features: ratios, differences, interactions. A value is null where its expression gives none, and
 * `unknown_key` where something that it reads is.
 * @example
 * derived('pressure', {
 *   select: { ratio: feature(originDelays, 'mean_1h').divide(feature(destinationDelays, 'mean_1h')) },
 * })
 */
export function derived<const Select extends Readonly<Record<string, DerivedTerm>>>(
  name: string,
  options: DerivedOptions<Select>,
): Derived<AllNeeds<Select>, keyof Select & string> {
  checkOptions<DerivedOptions<unknown>>(`derived '${name}'`, options, known)
  const { select } = options
  const example =
    "Give its features by name: select: { ratio: feature(clicks, 'n_1h').divide(feature(views, 'n_1h')) }."
  mustBe(isObject(select), `derived '${name}', select`, select, example)
  const terms = Object.entries<DerivedTerm>(select)
  const references = terms.flatMap(([, term]) => referencesOf(term))
  const definition: DerivedDefinition = {
    kind: 'derived',
    name,
    reads: byName(Object.fromEntries(references.map(({ column, read }) => [column, read]))),
    select: byName(
      Object.fromEntries(
        terms.map(([feature, term]) => [feature, termExpression(term, `derived '${name}', select.${feature}`)]),
      ),
    ),
    ...proseOf(options),
  }
  const pick = (...only: string[]): DerivedInput =>
    withHidden({ kind: 'derived' as const, name, only }, [definition], {})
  return withHidden(definition, references, { pick }) as Derived<AllNeeds<Select>, keyof Select & string>
}

/** What an expression under construction reads beside columns of the row. */
export function referencesOf(term: DerivedTerm): readonly Reference[] {
  return mentionedBy(term) as readonly Reference[]
}

function readOf(from: Source, feature: string): ReadDefinition {
  const { kind, name, ...rest } = inputOf(from, `feature '${feature}'`) as Exclude<PlainInput, { kind: 'pick' }>
  return { kind, name, feature, ...('keys' in rest ? { keys: byName(rest.keys) } : {}) } as ReadDefinition
}

/** The columns of the row that carry the key, where they have other names. */
function mappedText(read: ReadDefinition): string {
  const mapped = 'keys' in read ? Object.entries(read.keys) : []
  if (mapped.every(([key, column]) => key === column)) return ''
  return `(${mapped.map(([, column]) => column).join(', ')})`
}
