import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Expression } from '../expr/expression.ts'
import { parseFormula } from '../expr/parse-formula.ts'
import { describeExpression } from './logic.ts'

const column: fc.Arbitrary<Expression> = fc.constantFrom('a', 'b', 'c').map((name) => ({ kind: 'column', name }))
const literal: fc.Arbitrary<Expression> = fc.oneof(
  fc.integer().map((value): Expression => ({ kind: 'literal', type: 'int', value: value + 0 })),
  fc.string().map((value): Expression => ({ kind: 'literal', type: 'string', value })),
  fc.boolean().map((value): Expression => ({ kind: 'literal', type: 'bool', value })),
  fc.constant<Expression>({ kind: 'literal', type: 'string', value: null }),
  fc.integer({ min: 0, max: 4e15 }).map((value): Expression => ({ kind: 'literal', type: 'timestamp', value })),
)
const names = {
  one: ['abs', 'not', 'isNull'],
  two: 'add subtract multiply divide gt gte lt lte eq ne and or minimum coalesce in if'.split(' '),
  three: ['between', 'in', 'maximum', 'if'],
} as const
const expressions = fc.letrec<{ tree: Expression }>((tie) => {
  const called = (functions: readonly string[], count: number) =>
    fc
      .tuple(fc.constantFrom(...functions), fc.array(tie('tree'), { minLength: count, maxLength: count }))
      .map(([name, given]) => ({ kind: 'call', function: name, arguments: given }) as unknown as Expression)
  return {
    tree: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      column,
      literal,
      called(names.one, 1),
      called(names.two, 2),
      called(names.three, 3),
    ),
  }
}).tree

test('the formula that the catalogue shows of an expression is read as that expression', () => {
  fc.assert(
    fc.property(expressions, (expression) => {
      expect(parseFormula(describeExpression(expression))).toEqual(expression)
    }),
    { numRuns: 500, seed: 7 },
  )
})
