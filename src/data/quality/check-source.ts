import { formatDuration } from '../../core/time.ts'
import type { CheckBounds, CheckDefinition, CheckOf, Comparison } from '../../language/define/check-definition.ts'
import { usualTokens } from '../../language/define/row-checks.ts'
import type { Expression } from '../../language/expr/expression.ts'

/**
 * The text that defines a check in a project file, for the builders that `trueline` exports.
 * @example checkSource(notNull('x').critical()) // "notNull('x').critical()"
 */
export function checkSource(definition: CheckDefinition): string {
  return `${callOf(definition)}${toleranceOf(definition)}${{ fail: '', warn: '.warn()', critical: '.critical()' }[definition.severity]}`
}

const signs: Readonly<Record<Comparison, string>> = { eq: '=', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' }

function callOf(definition: CheckDefinition): string {
  switch (definition.check) {
    case 'columnExists':
    case 'notNull':
    case 'unique':
      return call(definition.check, definition.column)
    case 'columns':
      return `columnsAre(${source(definition.columns)}${definition.ordered ? ', { ordered: true }' : ''})`
    case 'type':
      return call('typeIs', definition.column, definition.type)
    case 'completeness':
      return `${call('completeness', definition.column)}.atLeast(${definition.min})`
    case 'missingTokens': {
      const isUsual = JSON.stringify(definition.tokens) === JSON.stringify(usualTokens)
      return isUsual
        ? call('missingTokens', definition.column)
        : call('missingTokens', definition.column, definition.tokens)
    }
    case 'compoundKey':
      return call('uniqueTogether', ...definition.columns)
    case 'inSet':
    case 'notInSet':
      return call(definition.check, definition.column, definition.values)
    case 'range':
      return rangeOf(definition)
    case 'length':
      return call('lengthBetween', definition.column, definition.min ?? 0, definition.max ?? Number.MAX_SAFE_INTEGER)
    case 'pattern':
      return call('matches', definition.column, definition.pattern)
    case 'dateParse':
      return call('parsesAsDate', definition.column, definition.format)
    case 'mean':
    case 'stddev':
      return `${call(`${definition.check}Of`, definition.column)}${boundsOf(definition)}`
    case 'distinctCount':
    case 'distinctRatio':
      return `${call(definition.check, definition.column)}${boundsOf(definition)}`
    case 'quantile':
      return `${call('quantileOf', definition.column, definition.at)}${boundsOf(definition)}`
    case 'rowCount':
      return `rowCount()${boundsOf(definition)}`
    case 'freshness':
      return `${call('freshness', definition.column)}.within('${formatDuration(definition.within)}')`
    case 'crossColumn':
      return call('compare', definition.left, signs[definition.comparison], definition.right)
    case 'foreignKey':
      // The other stream by its name: what it is called in the project file is not known.
      return `references(${source(definition.column)}, ${definition.stream}, ${source(definition.references)})`
    case 'distribution': {
      const { column, reference, psi } = definition
      return `distributedLike(${source(column)}, ${source(reference)}, { psi: ${psi} })`
    }
    case 'expression':
      return `holds(${expressionSource(definition.expression)})`
  }
}

function rangeOf({ column, min, max }: CheckOf<'range'>): string {
  if (min === undefined) return call('atMost', column, max!)
  return max === undefined ? call('atLeast', column, min) : call('between', column, min, max)
}

function boundsOf({ min, max }: CheckBounds): string {
  if (min === undefined) return `.atMost(${max})`
  return max === undefined ? `.atLeast(${min})` : `.between(${min}, ${max})`
}

function toleranceOf(definition: CheckDefinition): string {
  if (!('allowed' in definition) || definition.allowed === undefined) return ''
  const { allowed } = definition
  if ('rows' in allowed) return `.exceptRows(${allowed.rows})`
  return `.mostly(${Number((1 - allowed.share).toPrecision(12))}${allowed.below ? ', { above: true }' : ''})`
}

/** An expression as its builders make it. */
function expressionSource(expression: Expression): string {
  if (expression.kind === 'column') return `col(${source(expression.name)})`
  if (expression.kind === 'literal') return source(expression.value)
  if (expression.function === 'if') return `when(${expression.arguments.map(expressionSource).join(', ')})`
  const [first, ...rest] = expression.arguments.map(expressionSource)
  return `${first}.${expression.function}(${rest.join(', ')})`
}

function call(name: string, ...given: readonly unknown[]): string {
  return `${name}(${given.map(source).join(', ')})`
}

/** A value as a project file writes it: single quotes, members without quotes where they may be. */
export function source(value: unknown): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
  if (Array.isArray(value)) return `[${value.map(source).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(
    ([name, item]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : source(name)}: ${source(item)}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
