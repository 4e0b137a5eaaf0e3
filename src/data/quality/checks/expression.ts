import { describeExpression } from '../../../language/define/logic.ts'
import { columnsOf } from '../../../language/expr/columns-of.ts'
import type { CheckKind } from '../check.ts'

/** A condition that each row holds. */
export const expression: CheckKind<'expression'> = {
  words: ({ expression }) => describeExpression(expression),
  form: 'row',
  test: ({ expression }) => ({
    kind: 'condition',
    expression,
    column: columnsOf(expression)[0] ?? '',
    says: `breaches ${describeExpression(expression)}`,
  }),
}
