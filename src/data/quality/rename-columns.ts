import type { CheckDefinition } from '../../language/define/check-definition.ts'
import type { Expression } from '../../language/expr/expression.ts'

/** The same check of columns with other names. */
export function renameColumns<Check extends CheckDefinition>(check: Check, rename: (column: string) => string): Check {
  return {
    ...check,
    ...('column' in check ? { column: rename(check.column) } : {}),
    ...('columns' in check ? { columns: check.columns.map(rename) } : {}),
    ...('left' in check ? { left: rename(check.left), right: rename(check.right) } : {}),
    ...('expression' in check ? { expression: renameIn(check.expression, rename) } : {}),
  }
}

function renameIn(expression: Expression, rename: (column: string) => string): Expression {
  if (expression.kind === 'column') return { ...expression, name: rename(expression.name) }
  if (expression.kind === 'literal') return expression
  return { ...expression, arguments: expression.arguments.map((argument) => renameIn(argument, rename)) }
}
