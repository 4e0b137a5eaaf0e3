import type { Schema } from '../../core/data-type.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { Expression } from '../../language/expr/expression.ts'
import type { ColumnBatch } from './check.ts'

/** Whether a row of a batch holds a condition: it does unless the condition is false. */
export type BatchCondition = (batch: ColumnBatch) => (row: number) => boolean

/**
 * Compiles a condition over rows of a schema.
 * @throws TruelineError as `compileExpression` does
 */
export function compileCondition(expression: Expression, schema: Schema): BatchCondition {
  const literals = createDictionary()
  const evaluate = compileExpression(expression, schema, literals)
  const known = Array.from({ length: literals.size }, (_, code) => [literals.decode(code), code] as const)
  let codes = new Map(known)
  const names = Object.keys(schema)
  const read = columnsOf(expression).map((name) => names.indexOf(name))
  const encoded: Float64Array[] = names.map(() => new Float64Array(0))
  const codeOf = (text: string): number => {
    const code = codes.get(text) ?? codes.size
    if (code === codes.size) codes.set(text, code)
    return code
  }
  return ({ columns, length }) => {
    // Texts of earlier batches are forgotten, so that a million different ones take no memory.
    if (codes.size > known.length) codes = new Map(known)
    for (const index of read) {
      const column = columns[index]!
      if (column instanceof Float64Array) {
        encoded[index] = column
        continue
      }
      let values = encoded[index]!
      if (values.length < length) {
        values = new Float64Array(length)
        encoded[index] = values
      }
      for (let row = 0; row < length; row += 1) {
        const text = column[row]!
        values[row] = text === null ? Number.NaN : codeOf(text)
      }
    }
    return (row) => evaluate(encoded, row) !== 0
  }
}
