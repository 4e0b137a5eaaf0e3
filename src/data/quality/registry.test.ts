import { expect, test } from 'vitest'
import type { Schema } from '../../core/data-type.ts'
import { DAY, HOUR, parseTime } from '../../core/time.ts'
import {
  columnExists,
  columnsAre,
  completeness,
  distinctCount,
  distinctRatio,
  distributedLike,
  freshness,
  meanOf,
  quantileOf,
  references,
  rowCount,
  stddevOf,
  typeIs,
  unique,
  uniqueTogether,
} from '../../language/define/batch-checks.ts'
import type { Check } from '../../language/define/check-builder.ts'
import type { CheckDefinition, CheckName } from '../../language/define/check-definition.ts'
import { t } from '../../language/define/column-types.ts'
import {
  atLeast,
  atMost,
  between,
  compare,
  holds,
  inSet,
  lengthBetween,
  matches,
  missingTokens,
  notInSet,
  notNull,
  parsesAsDate,
} from '../../language/define/row-checks.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import { createColumn, type EventColumn, setValue } from '../../stores/log/event-batch.ts'
import type { CheckContext } from './check.ts'
import { type CheckResult, startQuality } from './quality-run.ts'
import { checks } from './registry.ts'

const NOW = parseTime('2001-03-01T00:00:00Z')

const schema = {
  amount: t.decimal({ scale: 2, nullable: true }),
  at: t.timestamp(),
  code: t.string({ nullable: true }),
  secret: t.string({ nullable: true, sensitive: true }),
  size: t.number({ nullable: true }),
  used: t.bool({ nullable: true }),
} as const satisfies Schema

type Row = { readonly [Name in keyof typeof schema]?: string | number | boolean | null }

const codes = stream('codes', { key: 'code', time: 'at', schema: { code: t.string(), at: t.timestamp() } })

/** The only result of a check over rows; what a row leaves out is null, and its time counts up in hours. */
function judge(check: CheckDefinition, rows: readonly Row[], context: Partial<CheckContext> = {}): CheckResult {
  const full = { schema, now: NOW, references: new Map(), ...context }
  const run = startQuality([check], full)
  // In two batches, because a fold must not depend on where they end.
  const half = rows.length >> 1
  for (const part of [rows.slice(0, half), rows.slice(half)])
    run.take({ length: part.length, columns: columnsOf(part) })
  const [result] = run.finish().results
  return result!
}

function columnsOf(rows: readonly Row[]): EventColumn[] {
  return Object.entries(schema).map(([name, type]) => {
    const column = createColumn(type.type, rows.length)
    rows.forEach((row, index) => {
      setValue(column, index, name === 'at' && row.at === undefined ? NOW - HOUR : (row[name as keyof Row] ?? null))
    })
    return column
  })
}

const many = (count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index))

interface Case {
  readonly check: CheckDefinition
  readonly good: readonly Row[]
  readonly bad: readonly Row[]
  /** Rows that breach among the bad ones, where they are counted. */
  readonly failing?: number
  readonly poor?: readonly Row[]
  readonly context?: Partial<CheckContext>
  readonly badContext?: Partial<CheckContext>
}

const { at: _, ...withoutTime } = schema
const spread = { kind: 'bins', edges: [10, 20, 30], counts: [250, 250, 250, 250] } as const

const cases: { readonly [Name in CheckName]: readonly Case[] } = {
  columnExists: [
    { check: columnExists('at'), good: [{}], bad: [{}], badContext: { schema: withoutTime } },
    { check: columnExists('at'), good: [{}], bad: [{}], badContext: { order: ['amount', 'code'] } },
  ],
  columns: [
    {
      check: columnsAre(['amount', 'at', 'code', 'secret', 'size', 'used'], { ordered: true }),
      good: [{}],
      bad: [{}],
      context: { order: Object.keys(schema) },
      badContext: { order: ['at', 'amount', 'code', 'secret', 'size', 'used'] },
    },
    { check: columnsAre(Object.keys(schema)), good: [], bad: [], badContext: { order: ['at', 'amount', 'more'] } },
  ],
  type: [
    { check: typeIs('size', 'number'), good: [{}], bad: [{}], badContext: { schema: { ...schema, size: t.int() } } },
  ],
  notNull: [{ check: notNull('code'), good: [{ code: 'a' }], bad: [{ code: 'a' }, {}], failing: 1, poor: [] }],
  completeness: [
    {
      check: completeness('size').atLeast(0.9),
      good: many(100, (index) => (index < 10 ? {} : { size: 1 })),
      bad: many(100, (index) => (index < 11 ? {} : { size: 1 })),
      failing: 11,
      poor: many(9, () => ({ size: 1 })),
    },
  ],
  missingTokens: [
    { check: missingTokens('code'), good: [{ code: 'ok' }, {}], bad: [{ code: 'N/A' }, { code: 'x' }], failing: 1 },
    {
      check: missingTokens('code', ['XX']).mostly(0.5),
      good: many(4, (index) => ({ code: index < 2 ? 'XX' : 'a' })),
      bad: many(4, (index) => ({ code: index < 3 ? 'XX' : 'a' })),
      failing: 3,
    },
  ],
  unique: [
    {
      check: unique('code'),
      good: [{ code: 'a' }, { code: 'b' }, {}, {}],
      bad: [{ code: 'a' }, { code: 'a' }],
      failing: 1,
    },
    {
      check: unique('size').exceptRows(1),
      good: [{ size: 1 }, { size: 1 }],
      bad: many(3, () => ({ size: 1 })),
      failing: 2,
    },
  ],
  compoundKey: [
    {
      check: uniqueTogether('code', 'size'),
      good: [{ code: 'a', size: 1 }, { code: 'a', size: 2 }, { code: 'a' }, { code: 'a' }],
      bad: [
        { code: 'a', size: 1 },
        { code: 'b', size: 1 },
        { code: 'a', size: 1 },
      ],
      failing: 1,
    },
  ],
  distinctCount: [
    {
      check: distinctCount('code').between(2, 3),
      good: [{ code: 'a' }, { code: 'b' }],
      bad: [{ code: 'a' }, { code: 'a' }],
    },
  ],
  distinctRatio: [
    {
      check: distinctRatio('size').atLeast(0.9),
      good: many(100, (index) => ({ size: index })),
      bad: many(100, (index) => ({ size: index % 50 })),
      poor: many(99, (index) => ({ size: index })),
    },
  ],
  inSet: [
    { check: inSet('code', ['a', 'b']), good: [{ code: 'a' }, {}], bad: [{ code: 'c' }, { code: 'a' }], failing: 1 },
    { check: inSet('amount', [1.5, 2]), good: [{ amount: 150 }], bad: [{ amount: 151 }], failing: 1 },
    { check: inSet('used', [true]), good: [{ used: true }], bad: [{ used: false }], failing: 1 },
  ],
  notInSet: [{ check: notInSet('size', [-999]), good: [{ size: 1 }, {}], bad: [{ size: -999 }], failing: 1 }],
  range: [
    {
      check: between('size', -1, 2),
      good: [{ size: -1 }, { size: 2 }, {}],
      bad: [{ size: 2.1 }, { size: -2 }],
      failing: 2,
    },
    { check: atLeast('amount', 0.3), good: [{ amount: 30 }], bad: [{ amount: 29 }], failing: 1 },
    { check: atMost('at', NOW), good: [{ at: NOW }], bad: [{ at: NOW + 1 }], failing: 1 },
  ],
  length: [
    {
      check: lengthBetween('code', 1, 2),
      good: [{ code: 'ab' }, {}],
      bad: [{ code: '' }, { code: 'abc' }],
      failing: 2,
    },
  ],
  pattern: [
    {
      check: matches('code', '^[A-Z]{3}$'),
      good: [{ code: 'ORD' }, {}],
      bad: [{ code: 'ORDX' }, { code: 'ord' }],
      failing: 2,
    },
  ],
  dateParse: [
    {
      check: parsesAsDate('code'),
      good: [{ code: '2000-02-29' }, { code: '2001-01-31T09:30:00Z' }, {}],
      bad: [{ code: '2001-02-29' }, { code: 'soon' }],
      failing: 2,
    },
    {
      check: parsesAsDate('code', 'DD.MM.YYYY'),
      good: [{ code: '29.02.2000' }],
      bad: [{ code: '29.02.2001' }, { code: '2000-02-29' }],
      failing: 2,
    },
  ],
  mean: [
    {
      check: meanOf('amount').between(1, 2),
      good: many(30, () => ({ amount: 150 })),
      bad: many(30, () => ({ amount: 250 })),
      poor: many(29, () => ({ amount: 150 })),
    },
  ],
  stddev: [
    {
      check: stddevOf('size').atMost(1),
      good: many(30, (index) => ({ size: index % 2 })),
      bad: many(30, (index) => ({ size: index })),
      poor: many(2, (index) => ({ size: index })),
    },
  ],
  quantile: [
    {
      check: quantileOf('size', 0.5).between(40, 60),
      good: many(100, (index) => ({ size: index })),
      bad: many(100, (index) => ({ size: index + 100 })),
      poor: many(9, () => ({ size: 50 })),
    },
  ],
  rowCount: [{ check: rowCount().between(1, 2), good: [{}], bad: [] }],
  freshness: [
    { check: freshness('at').within('1d'), good: [{ at: NOW - DAY }], bad: [{ at: NOW - DAY - 1 }] },
    { check: freshness('at').within('1d'), good: [{}], bad: [] },
  ],
  crossColumn: [
    {
      check: compare('size', '<=', 'amount'),
      good: [{ size: 1, amount: 100 }, { size: 5 }],
      bad: [{ size: 1.1, amount: 100 }],
      failing: 1,
    },
    {
      check: compare('code', '=', 'secret'),
      good: [{ code: 'x', secret: 'x' }],
      bad: [{ code: 'x', secret: 'y' }],
      failing: 1,
    },
  ],
  foreignKey: [
    {
      check: references('code', codes, 'code'),
      good: [{ code: 'ORD' }, {}],
      bad: [{ code: 'XXX' }],
      failing: 1,
      context: { references: new Map([['codes.code', new Set(['ORD'])]]) },
    },
  ],
  distribution: [
    {
      check: distributedLike('size', spread),
      good: many(400, (index) => ({ size: (index % 4) * 10 + 5 })),
      bad: many(400, () => ({ size: 5 })),
      poor: many(10, () => ({ size: 5 })),
    },
    {
      check: distributedLike('code', { kind: 'values', counts: { a: 500, b: 500 }, others: 0 }),
      good: many(400, (index) => ({ code: index % 2 === 0 ? 'a' : 'b' })),
      bad: many(400, () => ({ code: 'c' })),
    },
  ],
  expression: [
    {
      check: holds(col('size').gt(0).or(col('used'))),
      good: [{ size: 1 }, { used: true }, {}],
      bad: [{ size: 0, used: false }],
      failing: 1,
    },
    { check: holds(col('code').ne('x')), good: [{ code: 'y' }], bad: [{ code: 'x' }], failing: 1 },
  ],
}

test('there are twenty-five kinds of check', () => {
  expect(Object.keys(checks)).toHaveLength(25)
  expect(Object.keys(cases)).toEqual(Object.keys(checks))
})

const flat = Object.entries(cases).flatMap(([name, list]) =>
  list.map((one, index) => [`${name} ${index + 1}`, one] as const),
)

test.each(flat)(
  '%s tells good rows from bad ones',
  (_name, { check, good, bad, failing, poor, context, badContext }) => {
    expect(judge(check, good, context)).toMatchObject({ verdict: 'pass', severity: 'fail' })
    const breach = judge(check, bad, { ...context, ...badContext })
    expect(breach).toMatchObject({ verdict: 'fail', ...(failing === undefined ? {} : { failing }) })
    expect(breach.sentence).toMatch(/\.$/)
    if (poor !== undefined) expect(judge(check, poor, context)).toMatchObject({ verdict: 'insufficient' })
  },
)

test('no rows are no pass, but for checks of columns', () => {
  for (const check of [notNull('code'), meanOf('size').atLeast(0), unique('code'), completeness('code').atLeast(0.5)])
    expect(judge(check as Check<never>, [])).toMatchObject({ verdict: 'insufficient' })
  expect(judge(columnExists('at'), [])).toMatchObject({ verdict: 'pass' })
})

test('columns have no order where no file gives them one', () => {
  const check = columnsAre(Object.keys(schema), { ordered: true })
  expect(judge(check, [{}])).toMatchObject({ verdict: 'insufficient' })
})

test('a warning fails nothing', () => {
  expect(judge(notNull('code').warn(), [{}])).toMatchObject({ verdict: 'warn' })
})

test('what is not there is no reference', () => {
  expect(judge(references('code', codes, 'code'), [{ code: 'ORD' }])).toMatchObject({ verdict: 'insufficient' })
})

test('examples show a few different values, and none of a sensitive column', () => {
  const rows = many(100, (index) => ({ code: `x${index % 20}`, secret: 'hidden' }))
  expect(judge(inSet('code', ['a']), rows).examples).toEqual(['x0', 'x1', 'x2', 'x3', 'x4'])
  const found = judge(inSet('secret', ['a']), rows)
  expect(found.examples).toEqual(['***'])
  expect(JSON.stringify(found)).not.toContain('hidden')
})

test('shares have an interval', () => {
  const rows = many(263, (index) => (index < 81 ? {} : { code: 'a' }))
  const { interval } = judge(completeness('code').atLeast(0.5), rows)
  expect(interval?.low).toBeCloseTo(0.2553, 4)
  expect(interval?.high).toBeCloseTo(0.3662, 4)
})

test('a check of a column that is not there is refused by name', () => {
  expect(() => startQuality([notNull('gone') as CheckDefinition], { schema, now: NOW, references: new Map() })).toThrow(
    expect.objectContaining({ code: 'unknown_column', path: 'gone' }),
  )
})
