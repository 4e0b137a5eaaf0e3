import { stringify } from 'yaml'
import { canonicalJson } from '../../../core/canonical.ts'
import type { DataType } from '../../../core/data-type.ts'
import type { CheckDefinition } from '../../../language/define/check-definition.ts'
import type { StreamDefinition } from '../../../language/define/definitions.ts'
import { checkWords } from '../registry.ts'
import { ENGINE } from './import-checks.ts'
import { countOperator, operatorsOf } from './operators.ts'

/**
 * A stream as a contract of the Open Data Contract Standard v3.1, in YAML. Checks that the standard's metrics cannot say are
 * rules of our own engine, and what else a stream says is a custom property, so that an import gives the same stream.
 */
export function exportContract(stream: StreamDefinition): string {
  const { name, schema, owner, description, quality = [] } = stream
  const properties = Object.entries(schema).map(([column, type]) => ({
    name: column,
    ...propertyOf(type),
    ...keyOf(stream, column),
    ...listed('quality', quality.filter((check) => 'column' in check && check.column === column).map(ruleOf)),
  }))
  const { key, id, time, sequence, knownAt, ahead, corrections, rejectBudget } = stream
  const own = {
    key,
    id,
    time,
    sequence,
    knownAt,
    ahead,
    corrections,
    rejectBudget,
    owner,
    oneOf: valuesOf(stream),
    unknown: unknownOf(stream),
  }
  return stringify({
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: `trueline-${name}`,
    name,
    version: '1.0.0',
    status: 'active',
    schema: [
      {
        name,
        logicalType: 'object',
        ...(description === undefined ? {} : { description }),
        properties,
        ...listed('quality', quality.filter((check) => !('column' in check)).map(ruleOf)),
        customProperties: [
          { property: 'trueline', value: JSON.parse(canonicalJson(withoutUndefined(own))) as unknown },
        ],
      },
    ],
  })
}

function propertyOf({ type, nullable, min, max, scale, maxLength, sensitive }: DataType): object {
  const logical = {
    int: 'integer',
    number: 'number',
    decimal: 'number',
    bool: 'boolean',
    string: 'string',
    timestamp: 'timestamp',
  }
  const options = {
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
    ...(maxLength === undefined ? {} : { maxLength }),
  }
  return {
    logicalType: logical[type],
    ...(type === 'decimal' ? { physicalType: `decimal(17,${scale ?? 0})` } : {}),
    required: nullable !== true,
    ...(Object.keys(options).length === 0 ? {} : { logicalTypeOptions: options }),
    ...(sensitive ? { classification: 'sensitive' } : {}),
  }
}

function keyOf({ id }: StreamDefinition, column: string): object {
  const position = id.indexOf(column)
  return position === -1 ? {} : { primaryKey: true, primaryKeyPosition: position + 1 }
}

/** The values that columns of texts allow, which the standard has no place for in a schema. */
function valuesOf({ schema }: StreamDefinition): Record<string, readonly string[]> | undefined {
  const entries = Object.entries(schema).flatMap(([name, { oneOf }]) =>
    oneOf === undefined ? [] : [[name, oneOf] as const],
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** The columns in which any other value becomes null. */
function unknownOf({ schema }: StreamDefinition): readonly string[] | undefined {
  const names = Object.keys(schema).filter((name) => schema[name]!.unknown !== undefined)
  return names.length === 0 ? undefined : names
}

function ruleOf(check: CheckDefinition): object {
  const metric = check.severity === 'critical' ? undefined : metricOf(check)
  const severity = { warn: 'warning', fail: 'error', critical: 'critical' }[check.severity]
  if (metric !== undefined) return { ...metric, severity }
  return {
    type: 'custom',
    engine: ENGINE,
    description: checkWords(check),
    implementation: canonicalJson(check),
    severity,
  }
}

/** The library's metric that says what a check does; undefined where there is none. */
function metricOf(check: CheckDefinition): object | undefined {
  switch (check.check) {
    case 'notNull':
      return check.allowed !== undefined && 'share' in check.allowed && check.allowed.below !== true
        ? undefined
        : { metric: 'nullValues', ...operatorsOf(check.allowed) }
    case 'completeness':
      return check.min === 1
        ? undefined
        : { metric: 'nullValues', ...operatorsOf({ share: Number((1 - check.min).toPrecision(12)) }) }
    case 'missingTokens':
      return { metric: 'missingValues', arguments: { missingValues: check.tokens }, ...operatorsOf(check.allowed) }
    case 'inSet':
      return { metric: 'invalidValues', arguments: { validValues: check.values }, ...operatorsOf(check.allowed) }
    case 'pattern':
      return { metric: 'invalidValues', arguments: { pattern: check.pattern }, ...operatorsOf(check.allowed) }
    case 'unique':
      return { metric: 'duplicateValues', ...operatorsOf(check.allowed) }
    case 'compoundKey':
      return { metric: 'duplicateValues', arguments: { properties: check.columns }, ...operatorsOf(check.allowed) }
    case 'rowCount':
      return { metric: 'rowCount', ...countOperator(check) }
    default:
      return undefined
  }
}

function listed(name: string, items: readonly object[]): object {
  return items.length === 0 ? {} : { [name]: items }
}

function withoutUndefined(members: object): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
