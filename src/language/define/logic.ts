import { formatTime } from '../../core/time.ts'
import type { CallExpression, Expression, LiteralExpression } from '../expr/expression.ts'
import type { FunctionName } from '../expr/functions.ts'
import { aggregateWords } from './aggregate-words.ts'
import type { FeatureDefinition, TableDefinition } from './definitions.ts'
import { windowWords } from './window.ts'

/** Operators that stand between their operands, with how tightly they bind. */
const operators: Partial<Record<FunctionName, { readonly sign: string; readonly strength: number }>> = {
  or: { sign: 'or', strength: 1 },
  and: { sign: 'and', strength: 2 },
  gt: { sign: '>', strength: 4 },
  gte: { sign: '>=', strength: 4 },
  lt: { sign: '<', strength: 4 },
  lte: { sign: '<=', strength: 4 },
  eq: { sign: '=', strength: 4 },
  ne: { sign: '!=', strength: 4 },
  add: { sign: '+', strength: 5 },
  subtract: { sign: '-', strength: 5 },
  multiply: { sign: '*', strength: 6 },
  divide: { sign: '/', strength: 6 },
}

/**
 * An expression as a formula.
 * @example describeExpression(col('delay_min').gt(15).expression) // 'delay_min > 15'
 */
export function describeExpression(expression: Expression): string {
  return formula(expression, 0)
}

/**
 * A feature in words: what its value is.
 * @example describeFeature(feature) // 'mean of delay_min over the last 1h'
 */
export function describeFeature({ aggregate, argument, parameters, where, window }: FeatureDefinition): string {
  const of = argument === undefined ? '' : ` of ${formula(argument, 0)}`
  const condition = where === undefined ? '' : ` where ${formula(where, 0)}`
  return `${aggregateWords(aggregate, parameters ?? {}, of)}${condition} ${windowWords(window)}`
}

/**
 * A column of a reference table in words.
 * @example describeTableColumn(airports, 'runways') // 'runways of airports, in the row that is valid at t'
 */
export function describeTableColumn({ name, static: isStatic }: TableDefinition, column: string): string {
  return `${column} of ${name}, ${isStatic ? 'which has no history' : 'in the row that is valid at t'}`
}

/** @param strength how tightly what stands around the expression binds */
function formula(expression: Expression, strength: number): string {
  switch (expression.kind) {
    case 'column':
      return expression.name
    case 'literal':
      return literalText(expression)
    case 'call':
      return callText(expression, strength)
  }
}

function callText(call: CallExpression, strength: number): string {
  const operator = operators[call.function]
  const [first, second, third] = call.arguments
  if (operator !== undefined && first !== undefined) {
    // Operands to the right are bracketed at equal strength: a - (b - c) is not a - b - c.
    const rest = call.arguments.slice(1).map((argument) => formula(argument, operator.strength + 1))
    const text = [formula(first, operator.strength), ...rest].join(` ${operator.sign} `)
    return operator.strength < strength ? `(${text})` : text
  }
  if (call.function === 'not' && first !== undefined) return `not ${formula(first, 7)}`
  if (call.function === 'isNull' && first !== undefined) return bracketed(`${formula(first, 5)} is null`, strength)
  if (call.function === 'between' && first !== undefined && second !== undefined && third !== undefined)
    return bracketed(`${formula(first, 5)} between ${formula(second, 5)} and ${formula(third, 5)}`, strength)
  if (call.function === 'in' && first !== undefined) {
    const values = call.arguments.slice(1).map((argument) => formula(argument, 0))
    return bracketed(`${formula(first, 5)} in (${values.join(', ')})`, strength)
  }
  return `${call.function}(${call.arguments.map((argument) => formula(argument, 0)).join(', ')})`
}

/** Tests bind as tightly as comparisons. */
function bracketed(text: string, strength: number): string {
  return strength > 4 ? `(${text})` : text
}

function literalText({ type, value }: LiteralExpression): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return JSON.stringify(value)
  return type === 'timestamp' ? formatTime(Number(value)) : String(value)
}
