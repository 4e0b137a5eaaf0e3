import type { DataTypeName, Schema } from '../../core/data-type.ts'
import { dateReader } from '../../core/date-format.ts'
import { compilePattern } from '../../core/pattern/linear-pattern.ts'
import { typeOfColumn, typeOfExpression } from '../expr/type-of.ts'
import {
  type CheckBounds,
  type CheckDefinition,
  type CheckName,
  type CheckOf,
  type CheckValue,
  rowChecks,
} from './check-definition.ts'
import type { StreamDefinition } from './definitions.ts'
import type { Mistakes } from './mistakes.ts'

export interface CheckedTable {
  readonly schema: Schema
  /** Whether a row can be refused where these checks are judged. */
  readonly refusesRows: boolean
  readonly streams: Readonly<Record<string, StreamDefinition>>
}

const numeric: readonly DataTypeName[] = ['int', 'decimal', 'number']
const ordered: readonly DataTypeName[] = [...numeric, 'timestamp']
const texts: readonly DataTypeName[] = ['string']
const any: readonly DataTypeName[] = [...ordered, 'bool', 'string']

/** The types of column that each kind of check takes; an empty list where the column need not be there. */
const takes: Readonly<Record<CheckName, readonly DataTypeName[]>> = {
  columnExists: [],
  columns: [],
  type: any,
  notNull: any,
  completeness: any,
  missingTokens: texts,
  unique: any,
  compoundKey: any,
  distinctCount: any,
  distinctRatio: any,
  inSet: any,
  notInSet: any,
  range: ordered,
  length: texts,
  pattern: texts,
  dateParse: texts,
  mean: numeric,
  stddev: numeric,
  quantile: numeric,
  rowCount: [],
  freshness: ['timestamp'],
  crossColumn: any,
  foreignKey: any,
  distribution: [...numeric, 'string'],
  expression: [],
}

/** Checks the checks of a table: their columns, what they take, and that each can hold and be breached. */
export function checkQuality(
  definitions: readonly CheckDefinition[],
  table: CheckedTable,
  place: string,
  mistakes: Mistakes,
): void {
  for (const definition of definitions) {
    const at = `${place} ${definition.check}`
    if (!mistakes.known('definition_invalid', place, 'check', definition.check, Object.keys(takes))) continue
    checkColumns(definition, table.schema, at, mistakes)
    checkSeverity(definition, table, at, mistakes)
    checkParameters(definition, table, at, mistakes)
  }
}

function checkColumns(definition: CheckDefinition, schema: Schema, place: string, mistakes: Mistakes): void {
  const accepted = takes[definition.check]
  if (accepted.length === 0) return
  const columns =
    'columns' in definition
      ? definition.columns
      : 'column' in definition
        ? [definition.column]
        : definition.check === 'crossColumn'
          ? [definition.left, definition.right]
          : []
  if (columns.length === 0) mistakes.add('definition_invalid', place, 'It names no column.')
  for (const column of columns) {
    const type = mistakes.attempt(place, () => typeOfColumn(column, schema))?.type
    if (type !== undefined && !accepted.includes(type))
      mistakes.add('type_mismatch', place, `'${column}' is of type ${type}; it takes ${accepted.join(', ')}.`)
  }
}

function checkSeverity(definition: CheckDefinition, table: CheckedTable, place: string, mistakes: Mistakes): void {
  const { check, severity } = definition
  if (severity !== 'critical') return
  const problem = !table.refusesRows
    ? 'No row is refused here: a check of features or of a model warns or fails.'
    : !rowChecks.includes(check)
      ? 'It is judged over many rows, so no single one can be refused for it.'
      : 'allowed' in definition
        ? 'It refuses every row that breaches it, so none are allowed to.'
        : undefined
  if (problem !== undefined)
    mistakes.add(
      'definition_invalid',
      place,
      problem,
      `Leave .critical() out; these can be critical: ${rowChecks.join(', ')}.`,
    )
}

function checkParameters(definition: CheckDefinition, table: CheckedTable, place: string, mistakes: Mistakes): void {
  const refuse = (holds: boolean, message: string): void => {
    if (!holds) mistakes.add('definition_invalid', place, message)
  }
  if ('allowed' in definition && definition.allowed !== undefined) {
    const { allowed } = definition
    refuse(
      'rows' in allowed ? isWhole(allowed.rows) : isShare(allowed.share),
      'The tolerance is no share from 0 to 1 and no number of rows.',
    )
  }
  switch (definition.check) {
    case 'completeness':
      refuse(isShare(definition.min), 'The share must lie between 0 and 1.')
      return
    case 'missingTokens':
      refuse(definition.tokens.length > 0, 'It names no token.')
      return
    case 'inSet':
    case 'notInSet':
      checkValues(definition, table.schema, place, mistakes)
      return
    case 'range':
    case 'length':
    case 'mean':
    case 'stddev':
    case 'distinctCount':
    case 'distinctRatio':
    case 'rowCount':
      refuse(areBounds(definition), 'It needs a least or a greatest value, the smaller one first.')
      return
    case 'quantile':
      refuse(isShare(definition.at), 'A quantile lies between 0 and 1.')
      refuse(areBounds(definition), 'It needs a least or a greatest value, the smaller one first.')
      return
    case 'pattern':
      mistakes.attempt(place, () => compilePattern(definition.pattern))
      return
    case 'dateParse':
      mistakes.attempt(place, () => dateReader(definition.format))
      return
    case 'freshness':
      refuse(definition.within > 0, 'The age must be above 0.')
      return
    case 'crossColumn':
    case 'expression':
      checkCondition(definition, table.schema, place, mistakes)
      return
    case 'foreignKey':
      checkReference(definition, table, place, mistakes)
      return
    case 'distribution':
      checkDistribution(definition, table.schema, place, mistakes)
      return
  }
}

function checkValues(
  { column, values }: CheckOf<'inSet'> | CheckOf<'notInSet'>,
  schema: Schema,
  place: string,
  mistakes: Mistakes,
): void {
  if (values.length === 0) mistakes.add('definition_invalid', place, 'It names no value.')
  const type = schema[column]?.type
  if (type === undefined) return
  const wrong = values.find((value) => !fits(value, type))
  if (wrong !== undefined)
    mistakes.add(
      'type_mismatch',
      place,
      `${JSON.stringify(wrong)} is no value of '${column}', which is of type ${type}.`,
    )
}

function fits(value: CheckValue, type: DataTypeName): boolean {
  if (type === 'string') return typeof value === 'string'
  if (type === 'bool') return typeof value === 'boolean'
  return typeof value === 'number' && Number.isFinite(value)
}

function checkCondition(
  definition: CheckOf<'crossColumn'> | CheckOf<'expression'>,
  schema: Schema,
  place: string,
  mistakes: Mistakes,
): void {
  const expression =
    definition.check === 'expression'
      ? definition.expression
      : ({
          kind: 'call',
          function: definition.comparison,
          arguments: [
            { kind: 'column', name: definition.left },
            { kind: 'column', name: definition.right },
          ],
        } as const)
  if (definition.check === 'crossColumn' && !(definition.left in schema && definition.right in schema)) return
  const type = mistakes.attempt(place, () => typeOfExpression(expression, schema))?.type
  if (type !== undefined && type !== 'bool')
    mistakes.add('type_mismatch', place, `A condition is true or false; this is a ${type}.`)
}

function checkReference(
  { column, stream, references }: CheckOf<'foreignKey'>,
  { schema, streams }: CheckedTable,
  place: string,
  mistakes: Mistakes,
): void {
  if (!mistakes.known('unknown_stream', place, 'stream', stream, Object.keys(streams))) return
  const other = mistakes.attempt(place, () => typeOfColumn(references, streams[stream]!.schema))
  const own = schema[column]
  if (other !== undefined && own !== undefined && (other.type !== own.type || other.scale !== own.scale))
    mistakes.add(
      'type_mismatch',
      place,
      `'${column}' is a ${own.type}, and '${references}' of '${stream}' a ${other.type}.`,
    )
}

function checkDistribution(
  { column, reference, psi }: CheckOf<'distribution'>,
  schema: Schema,
  place: string,
  mistakes: Mistakes,
): void {
  const { counts } = reference
  const all = reference.kind === 'bins' ? (counts as readonly number[]) : [...Object.values(counts), reference.others]
  const isText = schema[column]?.type === 'string'
  const whole = all.every((count) => isWhole(count)) && all.some((count) => count > 0)
  const fitting = reference.kind === 'values' ? isText : !isText
  const rising =
    reference.kind === 'values' ||
    (reference.counts.length === reference.edges.length + 1 &&
      reference.edges.every((edge, index, edges) => index === 0 || edge > edges[index - 1]!))
  if (!(psi > 0) || !whole || !rising || !fitting)
    mistakes.add('definition_invalid', place, 'The counts are not those of bins with rising edges, or of values.')
}

function areBounds({ min, max }: CheckBounds): boolean {
  if (min === undefined && max === undefined) return false
  return (min ?? Number.NEGATIVE_INFINITY) <= (max ?? Number.POSITIVE_INFINITY)
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
