import type { Comparison } from '../../../language/define/check-definition.ts'
import type { CheckKind } from '../check.ts'

const signs: Readonly<Record<Comparison, string>> = { eq: '=', ne: '≠', lt: '<', lte: '≤', gt: '>', gte: '≥' }

/** Two columns of a row compare as said. */
export const crossColumn: CheckKind<'crossColumn'> = {
  words: ({ left, comparison, right }) => `${left} ${signs[comparison]} ${right}`,
  form: 'row',
  test: ({ left, comparison, right }) => ({
    kind: 'condition',
    column: left,
    says: `breaches ${left} ${signs[comparison]} ${right}`,
    expression: {
      kind: 'call',
      function: comparison,
      arguments: [
        { kind: 'column', name: left },
        { kind: 'column', name: right },
      ],
    },
  }),
}
