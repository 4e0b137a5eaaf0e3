import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { unknownName } from '../../core/unknown-name.ts'
import { columnsOf } from '../expr/columns-of.ts'
import type { Expression } from '../expr/expression.ts'
import { typeOfColumn, typeOfExpression, type ValueType } from '../expr/type-of.ts'
import type {
  DerivedDefinition,
  PlainInput,
  ProjectDefinition,
  ReadDefinition,
  RequestDefinition,
} from './definitions.ts'

/** One value of a model's row: what another definition gives, or a column of the row itself. */
export type ValueRead = ReadDefinition | { readonly kind: 'row'; readonly column: string }

/** A value that an input of a model gives, with the name that it has there. */
export interface NamedRead {
  readonly name: string
  readonly read: ValueRead
}

/**
 * The values of an input of a model, in their order in its vector.
 * @throws TruelineError `unknown_feature` for a definition that is not there
 */
export function readsOfInput(input: PlainInput, project: ProjectDefinition): readonly NamedRead[] {
  if (input.kind === 'pick') return input.columns.map((column) => ({ name: column, read: { kind: 'row', column } }))
  const { kind, name, only } = input
  const called = kind === 'table' ? (input.as ?? name) : name
  const names = Object.keys(memberNamed(definitionsOf(kind, project), valueKinds[kind], name).select)
  return names
    .filter((feature) => only === undefined || only.includes(feature))
    .map((feature) => {
      const read: ReadDefinition =
        kind === 'features' || kind === 'table' ? { kind, name, feature, keys: input.keys } : { kind, name, feature }
      return { name: `${called}.${feature}`, read }
    })
}

/**
 * The type of a value for rows of a schema; finds every mistake in what it is made from.
 * @throws TruelineError `unknown_feature`, `unknown_column`, `type_mismatch`, `unknown_zone`, `definition_invalid`
 */
export function typeOfRead(read: ValueRead, project: ProjectDefinition, row: Schema): ValueType {
  return typed(read, project, row, [])
}

/**
 * The expression of a request or derived feature.
 * @throws TruelineError `unknown_feature`
 */
export function expressionOfRead(
  { kind, name, feature }: Extract<ValueRead, { kind: 'request' | 'derived' }>,
  project: ProjectDefinition,
): Expression {
  const definitions: Readonly<Record<string, RequestDefinition | DerivedDefinition>> =
    kind === 'request' ? project.requests : project.derived
  return memberNamed(memberNamed(definitions, valueKinds[kind], name).select, `feature of '${name}' named`, feature)
}

/** What a derived definition calls by a name: a read of its own, or a column of the row. */
export function readNamed(column: string, { reads }: DerivedDefinition): ValueRead {
  return Object.hasOwn(reads, column) ? reads[column]! : { kind: 'row', column }
}

/** Whether a value depends on windows of events. */
export function readsHistory(read: ValueRead, project: ProjectDefinition): boolean {
  if (read.kind === 'features') return true
  if (read.kind !== 'derived') return false
  const definition = project.derived[read.name]!
  return columnsOf(expressionOfRead(read, project)).some((column) =>
    readsHistory(readNamed(column, definition), project),
  )
}

/** @param within names of the derived features that the value is read for, from the outside in */
function typed(read: ValueRead, project: ProjectDefinition, row: Schema, within: readonly string[]): ValueType {
  if (read.kind === 'row') return typeOfColumn(read.column, row)
  const { kind, name, feature } = read
  if (kind === 'features')
    return memberNamed(
      memberNamed(project.features, valueKinds[kind], name).select,
      `feature of '${name}' named`,
      feature,
    )
  if (kind === 'table')
    return memberNamed(memberNamed(project.tables, valueKinds[kind], name).select, `column of '${name}' named`, feature)
  const expression = expressionOfRead(read, project)
  if (kind === 'request') return typeOfExpression(expression, row)
  const path = [...within, `${name}.${feature}`]
  if (within.includes(`${name}.${feature}`))
    throw new TruelineError('definition_invalid', `It reads itself: ${path.join(' reads ')}.`)
  const definition = project.derived[name]!
  const columns = columnsOf(expression).map((column) => [
    column,
    typed(readNamed(column, definition), project, row, path),
  ])
  return typeOfExpression(expression, Object.fromEntries(columns))
}

/** The columns of the key by which a group of features or a reference table is read. */
export function keyOfRead(
  { kind, name }: { readonly kind: 'features' | 'table'; readonly name: string },
  project: ProjectDefinition,
): Schema {
  if (kind === 'features') return project.entities[project.features[name]!.entity]?.key ?? {}
  const schema = project.streams[name]?.schema ?? {}
  return Object.fromEntries(
    project.tables[name]!.key.flatMap((column) => (column in schema ? [[column, schema[column]!]] : [])),
  )
}

/** The kinds of definitions that give values by name, with what they are called in errors. */
export const valueKinds = {
  features: 'group of features',
  request: 'request',
  derived: 'group of derived features',
  table: 'reference table',
} as const

/** The definitions of such a kind by name. */
export function definitionsOf(
  kind: ReadDefinition['kind'],
  project: ProjectDefinition,
): Readonly<Record<string, { readonly select: Readonly<Record<string, unknown>> }>> {
  if (kind === 'request') return project.requests
  return kind === 'table' ? project.tables : project[kind]
}

function memberNamed<Member>(members: Readonly<Record<string, Member>>, what: string, name: string): Member {
  if (!Object.hasOwn(members, name)) throw unknownName('unknown_feature', what, name, Object.keys(members))
  return members[name]!
}
