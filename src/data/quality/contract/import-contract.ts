import { parse } from 'yaml'
import type { DataType, Schema } from '../../../core/data-type.ts'
import { TruelineError } from '../../../core/errors.ts'
import type { CheckDefinition } from '../../../language/define/check-definition.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { importRule } from './import-checks.ts'
import { type PartReader, readPart, type UnmappedPart } from './unmapped.ts'

/** What a contract says of a stream; what it leaves open is left out. */
export interface ImportedStream {
  readonly name: string
  readonly description?: string
  readonly schema: Schema
  readonly key: readonly string[]
  readonly id?: readonly string[]
  readonly time?: string
  readonly quality: readonly CheckDefinition[]
  /** The rest of a stream that was exported from here. */
  readonly rest?: ExportedRest
}

/** What `exportContract` keeps of a stream besides what the standard has a place for. */
export interface ExportedRest extends Partial<StreamDefinition> {
  readonly oneOf?: Readonly<Record<string, readonly string[]>>
  readonly unknown?: readonly string[]
}

export interface ImportedContract {
  readonly name: string
  readonly streams: readonly ImportedStream[]
  /** Everything that has no counterpart here. */
  readonly unmapped: readonly UnmappedPart[]
}

/** Members of a contract that say what it is, not what its data is. */
const heading = ['apiVersion', 'kind', 'id', 'version', 'status']

/**
 * Reads a contract of the Open Data Contract Standard, version 3, from YAML or JSON: one stream for each table.
 * Source: Bitol, "Open Data Contract Standard", v3.1.0 (LF AI & Data).
 * @throws TruelineError `contract_invalid` for what is no contract of that version, or has no table
 */
export function importContract(text: string, file = 'contract'): ImportedContract {
  const unmapped: UnmappedPart[] = []
  const root = readPart(parseYaml(text, file), '', unmapped)
  const version = root?.text('apiVersion') ?? ''
  if (root === undefined || root.text('kind') !== 'DataContract' || !/^v3\./.test(version))
    throw invalid(
      file,
      `It is no data contract of version 3 (kind DataContract, apiVersion v3.1.0; it says '${version}')`,
    )
  for (const name of heading) root.value(name)
  const name = root.text('name') ?? file
  const streams = root.parts('schema').flatMap((table) => importTable(table))
  root.finish()
  if (streams.length === 0) throw invalid(file, 'It has no table with properties')
  return { name, streams, unmapped }
}

function importTable(table: PartReader): ImportedStream[] {
  const name = table.text('name')
  const properties = table.parts('properties')
  if (name === undefined || properties.length === 0) {
    table.skip(undefined, 'A table needs a name and properties.')
    return []
  }
  for (const known of ['logicalType', 'physicalType']) table.value(known)
  const schema: Record<string, DataType> = {}
  const quality: CheckDefinition[] = []
  const keys: { readonly name: string; readonly position: number }[] = []
  for (const property of properties) {
    const column = property.text('name')
    if (column === undefined) continue
    const type = importType(property)
    if (type === undefined) {
      property.skip('logicalType', 'Columns are texts, numbers, bools and times here.')
      continue
    }
    schema[column] = type
    if (property.flag('primaryKey')) keys.push({ name: column, position: property.number('primaryKeyPosition') ?? 1 })
    if (property.flag('unique')) quality.push({ check: 'unique', column, severity: 'fail' })
    for (const rule of property.parts('quality')) quality.push(...importRule(rule, column))
    property.finish()
  }
  for (const rule of table.parts('quality')) quality.push(...importRule(rule, undefined))
  const rest = importRest(table)
  for (const [column, oneOf] of Object.entries(rest?.oneOf ?? {}))
    if (schema[column] !== undefined)
      schema[column] = { ...schema[column], oneOf, ...(rest?.unknown?.includes(column) ? { unknown: 'null' } : {}) }
  const description = table.text('description')
  table.finish()
  const key = keys.sort((a, b) => a.position - b.position).map((one) => one.name)
  const times = Object.keys(schema).filter(
    (column) => schema[column]!.type === 'timestamp' && !schema[column]!.nullable,
  )
  const time = rest?.time ?? times[0]
  if (rest?.time === undefined && times.length !== 1)
    table.skip(
      undefined,
      times.length === 0
        ? 'No required property is a time, and a stream needs one.'
        : `Of the times ${times.join(', ')} the first was taken for that of the event.`,
    )
  return [
    {
      name: name.replaceAll(/[^A-Za-z0-9_-]/g, '_'),
      ...(description === undefined ? {} : { description }),
      schema,
      key: rest?.key ?? key,
      ...(rest?.id === undefined ? {} : { id: rest.id }),
      ...(time === undefined ? {} : { time }),
      quality,
      ...(rest === undefined ? {} : { rest }),
    },
  ]
}

/** What `exportContract` wrote besides, for the way back. */
function importRest(table: PartReader): ExportedRest | undefined {
  let rest: ExportedRest | undefined
  for (const custom of table.parts('customProperties')) {
    const value = custom.value('value')
    if (custom.text('property') === 'trueline' && typeof value === 'object' && value !== null) rest = value
    else custom.skip(undefined, 'There is no counterpart for it here.')
  }
  return rest
}

const sensitiveClasses = /^(sensitive|restricted|confidential|secret|private|pii|phi)$/i

function importType(property: PartReader): DataType | undefined {
  const logical = property.text('logicalType') ?? 'string'
  const physical = property.text('physicalType') ?? ''
  const options = property.part('logicalTypeOptions')
  const base = baseType(logical, physical, options, property)
  if (base === undefined) return undefined
  const classification = property.text('classification')
  const isSensitive = classification !== undefined && sensitiveClasses.test(classification)
  if (classification !== undefined && !isSensitive && !/^(public|internal)$/i.test(classification))
    property.skip('classification', `'${classification}' was not taken for sensitive.`)
  for (const custom of property.parts('customProperties'))
    custom.skip(undefined, 'There is no counterpart for it here.')
  options?.finish()
  return {
    ...base,
    ...(property.flag('required') || property.flag('primaryKey') ? {} : { nullable: true }),
    ...(isSensitive ? { sensitive: true } : {}),
  }
}

function baseType(
  logical: string,
  physical: string,
  options: PartReader | undefined,
  property: PartReader,
): DataType | undefined {
  const range = (): Pick<DataType, 'min' | 'max'> => {
    const [min, max] = [options?.number('minimum'), options?.number('maximum')]
    return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
  }
  switch (logical) {
    case 'string': {
      const maxLength = options?.number('maxLength')
      return { type: 'string', ...(maxLength === undefined ? {} : { maxLength }) }
    }
    case 'integer':
      return { type: 'int', ...range() }
    case 'number': {
      const scale = /^(?:decimal|numeric)\(\d+\s*,\s*(\d+)\)$/i.exec(physical)?.[1]
      return scale === undefined
        ? { type: 'number', ...range() }
        : { type: 'decimal', scale: Number(scale), ...range() }
    }
    case 'boolean':
      return { type: 'bool' }
    case 'date':
      property.skip('logicalType', 'A date is read as its midnight in UTC.')
      return { type: 'timestamp' }
    case 'timestamp':
      return { type: 'timestamp' }
    default:
      return undefined
  }
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (cause) {
    throw invalid(file, `It is no YAML: ${(cause as Error).message.split('\n')[0]}`, cause)
  }
}

function invalid(file: string, message: string, cause?: unknown): TruelineError {
  return new TruelineError('contract_invalid', `${file}: ${message}.`, { path: file, cause })
}
