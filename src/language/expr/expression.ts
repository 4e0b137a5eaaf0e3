import type { DataTypeName, Value } from '../../core/data-type.ts'
import type { FunctionName } from './functions.ts'

/**
 * An expression over one row, as plain data: what a definition stores, digests and evaluates. There are three kinds;
 * everything else is a function of the table in `functions.ts`.
 */
export type Expression = ColumnExpression | LiteralExpression | CallExpression

/** The value of a column of the row. */
export interface ColumnExpression {
  readonly kind: 'column'
  readonly name: string
}

export interface LiteralExpression {
  readonly kind: 'literal'
  readonly type: DataTypeName
  readonly value: Value
}

export interface CallExpression {
  readonly kind: 'call'
  readonly function: FunctionName
  readonly arguments: readonly Expression[]
}
