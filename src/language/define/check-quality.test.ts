import { expect, test } from 'vitest'
import { completeness, distributedLike, freshness, quantileOf, references, rowCount, unique } from './batch-checks.ts'
import type { CheckDefinition } from './check-definition.ts'
import { mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { digestOfStream } from './digest.ts'
import { between, compare, holds, inSet, matches, notNull, parsesAsDate } from './row-checks.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const schema = {
  code: t.string(),
  note: t.string({ nullable: true }),
  size: t.int(),
  big: t.number(),
  at: t.timestamp(),
}
const base = { key: 'code', time: 'at', schema } as const

/** Code and place of each mistake. */
function mistakes(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path }) => `${code} | ${path}`)
}

test('checks that fit their stream compile and have no mistake', () => {
  const airports = stream('airports', { ...base })
  const good = stream('good', {
    ...base,
    quality: [
      notNull('note').critical(),
      between('size', 0, 10).mostly(0.99),
      inSet('size', [1, 2]).warn(),
      matches('code', '^[A-Z]{3}$'),
      compare('size', '<=', 'big'),
      holds(col('size').gt(0).or(col('big').gt(0))),
      completeness('note').atLeast(0.5),
      references('code', airports, 'code'),
      freshness('at').within('2h'),
      unique('code').exceptRows(3),
    ],
    rejectBudget: 0.1,
  })
  expect(mistakes(good)).toEqual([])
  expect(Object.keys(collectProject([good]).streams)).toEqual(['airports', 'good'])
})

test('a check of a column that is not there, or of a type that it does not take, is a mistake', () => {
  // @ts-expect-error
  expect(mistakes(stream('s', { ...base, quality: [notNull('nota')] }))).toEqual([
    "unknown_column | stream 's', quality notNull",
  ])
  // @ts-expect-error
  expect(mistakes(stream('s', { ...base, quality: [matches('size', 'x')] }))).toEqual([
    "type_mismatch | stream 's', quality pattern",
  ])
  // @ts-expect-error
  expect(mistakes(stream('s', { ...base, quality: [between('code', 0, 1)] }))).toEqual([
    "type_mismatch | stream 's', quality range",
  ])
  // @ts-expect-error
  expect(mistakes(stream('s', { ...base, quality: [inSet('code', [1])] }))).toEqual([
    "type_mismatch | stream 's', quality inSet",
  ])
  // @ts-expect-error
  expect(mistakes(stream('s', { ...base, quality: [holds(col('sice').gt(1))] }))).toEqual([
    "unknown_column | stream 's', quality expression",
  ])
})

const plain = (check: object): CheckDefinition => ({ severity: 'fail', ...check }) as CheckDefinition

test.each([
  ['a tolerance above all rows', notNull('note').mostly(-1)],
  ['bounds the wrong way round', between('size', 2, 1)],
  ['no bounds', plain({ check: 'rowCount' })],
  ['a quantile that is none', quantileOf('size', 1.5).atLeast(0)],
  ['a pattern that may run away', matches('code', '(?=a)')],
  ['a date without a year', parsesAsDate('code', 'DD.MM.')],
  ['no value', inSet('code', [])],
  ['no age', freshness('at').within('0s')],
  ['a share of more than all', completeness('note').atLeast(2)],
  ['bins without edges', distributedLike('size', { kind: 'bins', edges: [], counts: [1, 2] })],
  ['a kind that is none', plain({ check: 'notNul', column: 'note' })],
  ['a critical check of many rows', plain({ ...rowCount().atLeast(1), severity: 'critical' })],
  ['a critical check that allows breaches', plain({ ...notNull('note').mostly(0.9), severity: 'critical' })],
])('%s is a mistake', (_, check) => {
  const wrong = { ...stream('s', base), quality: [check] }
  expect(mistakes(wrong)).toEqual([expect.stringMatching(/^definition_invalid \| stream 's', quality/)])
})

test('a foreign key needs a column of its type in a stream that is there', () => {
  const other = stream('other', { ...base })
  const wrongType = { ...stream('s', base), quality: [references('code', other, 'size')] }
  expect(mistakes(other, wrongType)).toEqual(["type_mismatch | stream 's', quality foreignKey"])
  expect(mistakes(wrongType)).toEqual(["unknown_stream | stream 's', quality foreignKey"])
})

test('critical checks are part of what a stream means, others are not', () => {
  const digest = (quality?: CheckDefinition[]) =>
    digestOfStream({ ...stream('s', base), ...(quality === undefined ? {} : { quality }) })
  expect(digest([notNull('note'), rowCount().atLeast(1)])).toBe(digest())
  expect(digest([notNull('note').critical()])).not.toBe(digest())
})
