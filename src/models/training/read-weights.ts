import type { DuckDBConnection } from '@duckdb/node-api'
import type { Schema } from '../../core/data-type.ts'
import { TruelineError } from '../../core/errors.ts'
import { columnsOf } from '../../language/expr/columns-of.ts'
import { compileExpression } from '../../language/expr/compile.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { Expression } from '../../language/expr/expression.ts'
import { typeOfExpression } from '../../language/expr/type-of.ts'
import { columnAsDouble } from '../../stores/lake/event-columns.ts'
import { readColumns } from '../../stores/lake/read-columns.ts'

/**
 * Weights of rows that ask: an expression of their columns, evaluated by the platform's own functions.
 * @param table with `_ordinal` and the columns that the expression reads
 * @param schema of the stream whose rows they are
 * @returns one a row of the table, at its ordinal
 * @throws TruelineError `invalid_weight` for a row whose weight is null, below 0 or not finite
 */
export async function readWeights(
  connection: DuckDBConnection,
  expression: Expression,
  table: string,
  schema: Schema,
  rows: number,
): Promise<Float64Array> {
  const names = [...new Set(columnsOf(expression))]
  const { scale = 0 } = typeOfExpression(expression, schema)
  const unit = 10 ** scale
  const dictionary = createDictionary()
  const evaluate = compileExpression(
    expression,
    Object.fromEntries(names.map((name) => [name, schema[name]!])),
    dictionary,
  )
  const select = names.map((name) => columnAsDouble(name, schema[name]!))
  const sql = `SELECT ${['_ordinal::DOUBLE', ...select].join(', ')} FROM ${table} ORDER BY _ordinal`
  const readings = names.map((name) =>
    schema[name]!.type === 'string' ? (text: string) => dictionary.encode(text) : ('double' as const),
  )
  const [, ...columns] = await readColumns(connection, sql, ['double', ...readings], rows)
  return Float64Array.from({ length: rows }, (_, row) => {
    const weight = evaluate(columns, row) / unit
    if (weight >= 0 && weight < Number.POSITIVE_INFINITY) return weight
    const found = Number.isNaN(weight) ? 'null' : weight
    throw new TruelineError('invalid_weight', `The weight of a row that asks is ${found}.`, { path: 'weights.rows' })
  })
}
