import type { OpenApi, Schema } from './openapi.ts'

/** One member of a schema as a table shows it. */
export interface Field {
  /** Where it stands, such as `rows[].amount`. */
  readonly path: string
  /** In words: its type, and what its values are. */
  readonly says: string
  readonly required: boolean
  readonly description?: string
}

type Schemas = OpenApi['components']['schemas']

const MOST_VALUES = 8

/** The members of an object's schema, those of its own objects and lists after each. */
export function fieldsOf(schema: Schema, schemas: Schemas, path = ''): readonly Field[] {
  const { properties = {}, required = [], anyOf, items } = resolved(schema, schemas)
  const fields = Object.entries(properties).flatMap(([name, member]) => {
    const at = path === '' ? name : `${path}.${name}`
    const { description } = resolved(member, schemas)
    const field: Field = { path: at, says: wordsOf(member, schemas), required: required.includes(name) }
    return [description === undefined ? field : { ...field, description }, ...inside(member, schemas, at)]
  })
  if (fields.length > 0) return fields
  if (items !== undefined) return inside(schema, schemas, path)
  return joined((anyOf ?? []).map((one) => fieldsOf(one, schemas, path)))
}

/** What stands inside of a member: of a list, its items. */
function inside(member: Schema, schemas: Schemas, path: string): readonly Field[] {
  const { items, properties, anyOf } = resolved(member, schemas)
  if (items !== undefined) return fieldsOf(items, schemas, `${path}[]`)
  return properties === undefined && anyOf === undefined ? [] : fieldsOf(member, schemas, path)
}

/** Members that several forms of an object have are told once; what some forms lack is not needed. */
function joined(forms: readonly (readonly Field[])[]): readonly Field[] {
  const fields = new Map(forms.flat().map((field) => [field.path, field]))
  return [...fields.values()].map((field) => ({
    ...field,
    required: forms.every((form) => form.some(({ path, required }) => path === field.path && required)),
  }))
}

/** A schema with what it refers to and what it is made of put in its place. */
export function resolved(schema: Schema, schemas: Schemas): Schema {
  const { $ref, allOf = [], ...own } = schema
  const named = $ref === undefined ? undefined : schemas[$ref.split('/').at(-1) ?? '']
  const parts = [...(named === undefined ? [] : [named]), ...allOf]
  return parts.length === 0 ? schema : Object.assign({}, ...parts.map((part) => resolved(part, schemas)), own)
}

/** What a value is, in words: `number from 0 to 1000`, `string, one of S, M, L, or null`. */
export function wordsOf(schema: Schema, schemas: Schemas): string {
  const all = resolved(schema, schemas)
  if (all.anyOf !== undefined && all.type === undefined)
    return [...new Set(all.anyOf.map((one) => wordsOf(one, schemas)))].join(' or ')
  if (all.const !== undefined) return JSON.stringify(all.const)
  const types = typeof all.type === 'string' ? [all.type] : (all.type ?? [])
  const named = types.filter((type) => type !== 'null').join(' or ') || (all.enum === undefined ? 'any value' : 'value')
  const list =
    all.items === undefined ? named : `list of ${plural(wordsOf({ ...all.items, description: '' }, schemas))}`
  const whole = [list, ...rangeOf(all)].join(' ')
  return types.includes('null') && types.length > 1 ? `${whole}, or null` : types[0] === 'null' ? 'null' : whole
}

function rangeOf(schema: Schema): string[] {
  const { minimum, maximum, maxLength, maxItems, format } = schema
  const values = schema.enum?.filter((value) => value !== null)
  const shown = values?.slice(0, MOST_VALUES).map(String).join(', ')
  return [
    ...(format === undefined ? [] : [`(${format})`]),
    ...(isBound(minimum) ? [`from ${minimum}`] : []),
    ...(isBound(maximum) ? [`to ${maximum}`] : []),
    ...(maxLength === undefined ? [] : [`of at most ${maxLength} characters`]),
    ...(maxItems === undefined ? [] : [`(at most ${maxItems})`]),
    ...(values === undefined ? [] : [`one of ${shown}${values.length > MOST_VALUES ? ', …' : ''}`]),
  ]
}

/** The ends of what can be carried exactly say nothing of the column. */
function isBound(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < 2 ** 50
}

function plural(words: string): string {
  return words === 'any value' ? 'values' : words.replace(/^(\w+)/, '$1s')
}
