import type { DataType, DataTypeName, Schema, Value } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { nearestName } from '../../core/nearest-name.ts'
import { zoneOffsets } from '../../core/zones/zones.ts'
import type { CallExpression, Expression, LiteralExpression } from './expression.ts'
import { type FunctionName, functions, type ScalarFunction, zonedFunctions } from './functions.ts'

/** Type of an expression's value: its name, and the scale of a decimal. */
export type ValueType = Pick<DataType, 'type' | 'scale'>

/**
 * The type of an expression over rows of a schema; finds every mistake that an expression can have.
 * @param expression as definitions hold it
 * @param schema columns of the row
 * @throws TruelineError `unknown_column` with the nearest right name, `type_mismatch`, `unknown_zone`, or
 *   `definition_invalid` for a function or a kind of expression that does not exist
 */
export function typeOfExpression(expression: Expression, schema: Schema): ValueType {
  switch (expression.kind) {
    case 'column':
      return typeOfColumn(expression.name, schema)
    case 'literal':
      return typeOfLiteral(expression)
    case 'call':
      return { type: typeOfCall(expression, schema) }
    default:
      throw new TruelineError(
        'definition_invalid',
        `An expression cannot be of kind '${(expression as { kind: unknown }).kind}'.`,
      )
  }
}

/** The entry of the function table for a name, which may come from stored data. */
export function functionNamed(name: string): ScalarFunction {
  if (Object.hasOwn(functions, name)) return functions[name as FunctionName]
  const nearest = nearestName(name, Object.keys(functions))
  const remedy = `The functions are ${Object.keys(functions).join(', ')}.`
  throw new TruelineError('definition_invalid', `There is no function '${name}'.`, {
    remedy: nearest === undefined ? remedy : `Did you mean '${nearest}'? ${remedy}`,
  })
}

/**
 * The column of a schema.
 * @throws TruelineError `unknown_column` with the nearest right name
 */
export function typeOfColumn(name: string, schema: Schema): DataType {
  const type = Object.hasOwn(schema, name) ? schema[name] : undefined
  if (type !== undefined) return type
  const names = Object.keys(schema)
  const nearest = nearestName(name, names)
  const remedy = nearest === undefined ? `The columns are ${names.join(', ')}.` : `Did you mean '${nearest}'?`
  throw new TruelineError('unknown_column', `There is no column '${name}'.`, { remedy })
}

function typeOfLiteral({ type, value }: LiteralExpression): ValueType {
  if (value !== null && !literalFits[type](value))
    throw new TruelineError('type_mismatch', `${JSON.stringify(value)} is no literal of type ${type}.`)
  return { type }
}

/** A decimal has no literal: as soon as a function takes it, it is a number. */
const literalFits: Record<DataTypeName, (value: Value) => boolean> = {
  int: Number.isSafeInteger,
  timestamp: Number.isSafeInteger,
  number: Number.isFinite,
  decimal: () => false,
  bool: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
}

function typeOfCall(call: CallExpression, schema: Schema): DataTypeName {
  const fn = functionNamed(call.function)
  const types = call.arguments.map((argument) => typeOfExpression(argument, schema).type)
  const literals = fn.form !== 'literals' || call.arguments.slice(1).every(isValueLiteral)
  const result = literals ? fn.result(types.map((type) => (type === 'decimal' ? 'number' : type))) : undefined
  if (result === undefined)
    throw new TruelineError(
      'type_mismatch',
      `'${call.function}' takes ${fn.takes}; here it is given ${types.join(', ') || 'nothing'}.`,
    )
  const zone = call.arguments[1]
  if (zonedFunctions.includes(call.function) && zone?.kind === 'literal') zoneOffsets(String(zone.value))
  return result
}

function isValueLiteral(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value !== null
}
