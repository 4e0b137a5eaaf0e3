import type { Schema } from '../../core/data-type.ts'
import type { Dictionary } from './dictionary.ts'
import type { CallExpression, Expression, LiteralExpression } from './expression.ts'
import { insideDomain, type Literal } from './functions.ts'
import { functionNamed, typeOfExpression } from './type-of.ts'

/**
 * The value of an expression for one row: encoded columns in the order of the schema's names, and the index of the row.
 * null is NaN, a bool 0 or 1, a string its code, a timestamp microseconds, a decimal its whole number of units.
 */
export type Evaluator = (columns: readonly Float64Array[], row: number) => number

/** What tells the codes of the texts that expressions name. */
type LiteralCodes = Pick<Dictionary, 'encode'>

/**
 * An evaluator for an expression over rows of a schema.
 * @param dictionary the one that the string columns are encoded with
 * @throws TruelineError `unknown_column`, `type_mismatch`, `unknown_zone`, `definition_invalid`
 * @example compileExpression(col('delay_min').gt(15).expression, schema, dictionary)(columns, 0)
 */
export function compileExpression(expression: Expression, schema: Schema, dictionary: LiteralCodes): Evaluator {
  typeOfExpression(expression, schema)
  return compile(expression, schema, dictionary)
}

/** An evaluator for a checked expression. */
function compile(expression: Expression, schema: Schema, dictionary: LiteralCodes): Evaluator {
  switch (expression.kind) {
    case 'column': {
      const index = Object.keys(schema).indexOf(expression.name)
      return (columns, row) => (columns[index] as Float64Array)[row] as number
    }
    case 'literal': {
      const value = encodeLiteral(expression, dictionary)
      return () => value
    }
    case 'call':
      return compileCall(expression, schema, dictionary)
  }
}

function compileCall(call: CallExpression, schema: Schema, dictionary: LiteralCodes): Evaluator {
  const fn = functionNamed(call.function)
  const given = call.arguments.map((argument) => compileArgument(argument, schema, dictionary))
  const [first, second, third = noValue] = given as [Evaluator, Evaluator, Evaluator?]
  const strict = fn.nulls === 'strict'
  switch (fn.form) {
    case 'unary': {
      const { apply } = fn
      return (columns, row) => {
        const a = first(columns, row)
        return strict && Number.isNaN(a) ? Number.NaN : apply(a)
      }
    }
    case 'binary':
      return settle(call, schema, combine(first, second, fn.apply, strict))
    case 'ternary': {
      const { apply } = fn
      return (columns, row) => {
        const a = first(columns, row)
        const b = second(columns, row)
        const c = third(columns, row)
        return strict && (Number.isNaN(a) || Number.isNaN(b) || Number.isNaN(c)) ? Number.NaN : apply(a, b, c)
      }
    }
    case 'fold':
      return given.slice(1).reduce((left, right) => combine(left, right, fn.apply, strict), first)
    case 'literals': {
      const apply = fn.prepare(call.arguments.slice(1).map((argument) => literalOf(argument, dictionary)))
      return (columns, row) => {
        const a = first(columns, row)
        return Number.isNaN(a) ? Number.NaN : apply(a)
      }
    }
  }
}

function noValue(): number {
  return Number.NaN
}

function combine(
  left: Evaluator,
  right: Evaluator,
  apply: (a: number, b: number) => number,
  strict: boolean,
): Evaluator {
  return (columns, row) => {
    const a = left(columns, row)
    const b = right(columns, row)
    return strict && (Number.isNaN(a) || Number.isNaN(b)) ? Number.NaN : apply(a, b)
  }
}

/** Arithmetic may leave the domain of its type; comparisons cannot. */
function settle(call: CallExpression, schema: Schema, evaluator: Evaluator): Evaluator {
  const { type } = typeOfExpression(call, schema)
  return type === 'bool' ? evaluator : (columns, row) => insideDomain(type, evaluator(columns, row))
}

/** Decimals become numbers as soon as a function takes them; the powers of ten up to 22 are exact. */
function compileArgument(expression: Expression, schema: Schema, dictionary: LiteralCodes): Evaluator {
  const evaluator = compile(expression, schema, dictionary)
  const { type, scale = 0 } = typeOfExpression(expression, schema)
  if (type !== 'decimal') return evaluator
  const unit = 10 ** scale
  return (columns, row) => evaluator(columns, row) / unit
}

function literalOf(expression: Expression, dictionary: LiteralCodes): Literal {
  const literal = expression as LiteralExpression
  return { value: literal.value, encoded: encodeLiteral(literal, dictionary) }
}

function encodeLiteral({ value }: LiteralExpression, dictionary: LiteralCodes): number {
  if (value === null) return Number.NaN
  if (typeof value === 'string') return dictionary.encode(value)
  return typeof value === 'boolean' ? Number(value) : value + 0
}
