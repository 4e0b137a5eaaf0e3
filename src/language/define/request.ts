import { byName } from './by-name.ts'
import type { Prose, RequestDefinition } from './definitions.ts'
import { proseOf } from './entity.ts'
import { withHidden } from './mentions.ts'
import type { Requires } from './requirement.ts'
import type { BoolTerm, ColumnTerm, NumberTerm } from './terms.ts'

/** Request features, for rows with the columns that they read. */
export interface Request<in Row> extends RequestDefinition, Requires<Row> {}

type RequestTerm = ColumnTerm<string> | NumberTerm<never> | BoolTerm<never>

/** All that the terms require together: as a function's parameter, what is inferred from several is their intersection. */
type AllNeeds<Select> = Select[keyof Select] extends Requires<infer Row> ? Row : never

/**
 * Features computed from the row that asks, at the moment of asking.
 * @example request('timing', { hour: req('scheduled_at').hour('America/Chicago') })
 */
export function request<const Select extends Readonly<Record<string, RequestTerm>>>(
  name: string,
  select: Select,
  prose: Prose = {},
): Request<AllNeeds<Select>> {
  const expressions = Object.entries(select).map(([feature, { expression }]) => [feature, expression])
  const definition = {
    kind: 'request',
    name,
    select: byName(Object.fromEntries(expressions)),
    ...proseOf(prose),
  } as const
  return withHidden(definition, [], {})
}
