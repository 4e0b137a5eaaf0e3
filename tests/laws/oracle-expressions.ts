import type { Value } from '../../src/core/data-type.ts'
import type { Expression } from '../../src/language/expr/expression.ts'

/** Value of an expression for a row: the functions that generated definitions use. */
export function evaluate(expression: Expression, row: Readonly<Record<string, Value>>): Value {
  if (expression.kind === 'column') return row[expression.name] ?? null
  if (expression.kind === 'literal') return expression.value
  const [a = null, b = null, c = null] = expression.arguments.map((argument) => evaluate(argument, row))
  switch (expression.function) {
    case 'isNull':
      return a === null
    case 'eq':
      return a === null || b === null ? null : a === b
    case 'gt':
      return a === null || b === null ? null : Number(a) > Number(b)
    case 'if':
      return a === true ? b : c
    case 'coalesce':
      return a ?? b
    case 'subtract':
      return a === null || b === null ? null : Number(a) - Number(b) + 0
    default:
      throw new Error(`The oracle does not know '${expression.function}'.`)
  }
}
