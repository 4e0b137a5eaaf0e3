import type { ColumnExpression, LiteralExpression } from './expression.ts'

/** What a text such as `amount * 2` says, as plain data. Functions go by name; who evaluates it knows which there are. */
export type Formula = ColumnExpression | LiteralExpression | FormulaCall

export interface FormulaCall {
  readonly kind: 'call'
  readonly function: string
  readonly arguments: readonly Formula[]
}

/** Names of the columns that a formula reads, each once, in order of appearance. */
export function columnsOfFormula(formula: Formula): readonly string[] {
  if (formula.kind === 'column') return [formula.name]
  if (formula.kind === 'literal') return []
  return [...new Set(formula.arguments.flatMap(columnsOfFormula))]
}
