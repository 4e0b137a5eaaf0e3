import { byName } from './by-name.ts'
import type { ModelInput, Prose, RequestDefinition } from './definitions.ts'
import { proseOf } from './entity.ts'
import { isObject, mustBe } from './given.ts'
import { withHidden } from './mentions.ts'
import type { Offers, Requires } from './requirement.ts'
import { type BoolTerm, type ColumnTerm, type NumberTerm, termExpression } from './terms.ts'

/** Request features, for rows with the columns that they read. */
export interface Request<in Row, Name extends string = string> extends RequestDefinition, Requires<Row>, Offers<Name> {
  /** Only these of the features. */
  pick(...names: readonly Name[]): RequestInput & Requires<Row>
}

type RequestInput = Extract<ModelInput, { kind: 'request' | 'derived' }>

type RequestTerm = ColumnTerm<string> | NumberTerm<never> | BoolTerm<never>

/** All that the terms require together: as a function's parameter, what is inferred from several is their intersection. */
export type AllNeeds<Select> = Select[keyof Select] extends Requires<infer Row> ? Row : never

/**
 * Features computed from the row that asks, at the moment of asking.
 * @example request('timing', { hour: req('scheduled_at').hour('America/Chicago') })
 */
export function request<const Select extends Readonly<Record<string, RequestTerm>>>(
  name: string,
  select: Select,
  prose: Prose = {},
): Request<AllNeeds<Select>, keyof Select & string> {
  mustBe(isObject(select), `request '${name}'`, select, "Give its features by name: { hour: req('at').hour('UTC') }.")
  const expressions = Object.entries<RequestTerm>(select).map(([feature, term]) => [
    feature,
    termExpression(term, `request '${name}', ${feature}`),
  ])
  const definition = {
    kind: 'request',
    name,
    select: byName(Object.fromEntries(expressions)),
    ...proseOf(prose),
  } as const
  const pick = (...only: string[]): RequestInput =>
    withHidden({ kind: 'request' as const, name, only }, [definition], {})
  return withHidden(definition, [], { pick })
}
