import { expect, test } from 'vitest'
import { seededRandom } from '../../../core/random.ts'
import { textCode } from '../../../core/text-code.ts'
import { HOUR } from '../../../core/time.ts'
import { collectProject } from '../../../language/define/collect-project.ts'
import { t } from '../../../language/define/column-types.ts'
import { label } from '../../../language/define/label.ts'
import type { LeakRules } from '../../../language/define/leak-definition.ts'
import { model } from '../../../language/define/model.ts'
import { byTime } from '../../../language/define/model-parts.ts'
import { stream } from '../../../language/define/stream.ts'
import { col } from '../../../language/define/terms.ts'
import { fitTarget } from '../fit-target.ts'
import { checkLeaks } from './check-leaks.ts'
import type { LeakRows } from './leak-rows.ts'

const orders = stream('orders', {
  ...{ key: 'id', time: 'at' },
  schema: {
    ...{ id: t.string(), at: t.timestamp(), amount: t.number(), days: t.int(), refund: t.number({ nullable: true }) },
    late: t.bool({ nullable: true }),
  },
})
const returns = stream('returns', {
  key: 'id',
  time: 'at',
  schema: { id: t.string(), at: t.timestamp(), back: t.bool() },
})

const project = collectProject([
  model('sent_back', {
    ...{ predicts: 'whether it comes back', at: orders, time: 'at', features: [orders.pick('amount')] },
    label: label(returns, col('back')).on('id').within('30d').absent(false),
    split: byTime({ train: '20d', validate: '5d', test: '5d' }),
  }),
  model('own_outcome', {
    ...{ predicts: 'whether it is late', at: orders, time: 'at', features: [orders.pick('amount', 'refund')] },
    label: label(orders, col('refund').gt(0)).on('id').within('30d').absent(false),
    split: byTime({ train: '20d', validate: '5d', test: '5d' }),
  }),
])

const ROWS = 3000
const random = seededRandom(9)
const times = Float64Array.from({ length: ROWS }, (_, row) => row * HOUR)
const amounts = times.map(() => random.next() * 100)
const days = times.map(() => random.integer(60))
const labels = amounts.map((amount, row) => (random.next() < 0.1 + 0.004 * amount + 0.003 * days[row]! ? 1 : 0))

type Source = LeakRows['inputs'][number]['source']
const column = (name: string): Source => ({ kind: 'row', expression: { kind: 'column', name } })
const input = (name: string, type: LeakRows['inputs'][number]['type'], source = column(name)) => ({
  name,
  type,
  source,
})

const honest: LeakRows = {
  ...{ task: 'binary', groups: [], tables: [], labels, times, train: 2000, test: 2500 },
  inputs: [input('amount', 'number'), input('days', 'int')],
  columns: [amounts, days],
  asked: {
    knownAt: times,
    keys: times.map((_, row) => row),
    outcomeKnownAt: times.map((time) => time + 24 * HOUR),
    columns: [
      { column: 'amount', missing: 0, missingWhileOpen: 0.02 },
      { column: 'days', missing: 0.1, missingWhileOpen: 0.1 },
    ],
    open: 400,
  },
}

function check(rows: Partial<LeakRows>, rules: LeakRules = {}, name = 'sent_back') {
  const definition = { ...project.models[name]!, quality: { training: [], serving: [], leaks: rules } }
  return checkLeaks(definition, project, { ...honest, ...rows })
}

const codes = (report: ReturnType<typeof check>) =>
  report.findings.map(({ code, severity, input }) => [code, severity, input])

/** The honest rows with one more input. */
const withInput = (one: LeakRows['inputs'][number], values: Float64Array): Partial<LeakRows> => ({
  inputs: [...honest.inputs, one],
  columns: [...honest.columns, values],
})

test('honest rows pass without a finding, with one input that tells much of the outcome', () => {
  expect(check({})).toEqual({ verdict: 'pass', rows: ROWS, findings: [] })
  const strong = labels.map((value) => value * 2 + 3 * random.next())
  expect(check(withInput(input('strong', 'number'), strong)).findings).toEqual([])
})

test.each([
  ['the outcome itself, blurred', labels.map((value) => value + 0.4 * random.next())],
  ['the outcome turned', labels.map((value) => -value)],
  ['both ends of a scale', labels.map((value, row) => (value === 1 ? (row % 3 === 0 ? 50 : -50) : random.next()))],
  ['being there at all', labels.map((value) => (value === 1 ? random.next() : Number.NaN))],
])('an input that is %s knows too much', (_, values) => {
  const report = check(withInput(input('refund', 'number'), values))
  expect(report.verdict).toBe('fail')
  expect(codes(report)).toEqual([['knows_too_much', 'fail', 'refund']])
  expect(report.findings[0]).toMatchObject({
    sentence: expect.stringMatching(
      /'refund' alone tells the outcome with an AUC of (1\.0000|0\.99\d\d) on 1,500 rows/,
    ),
    examples: expect.arrayContaining([expect.any(Number)]),
  })
  expect(check(withInput(input('refund', 'number'), values), { allow: ['refund'] }).verdict).toBe('pass')
})

test('a text that goes with the outcome knows too much, and thresholds are those of the definition', () => {
  const states = labels.map((value) => textCode(value === 1 ? 'refunded' : 'kept'))
  expect(codes(check(withInput(input('state', 'string'), states)))).toEqual([['knows_too_much', 'fail', 'state']])
  const close = labels.map((value) => value + 1.25 * random.next())
  const power = check(withInput(input('close', 'number'), close), { warnAt: 0.5 }).findings[0]!
  expect(power).toMatchObject({ code: 'knows_too_much', severity: 'warn' })
  expect(check(withInput(input('close', 'number'), close), { warnAt: 0.5, failAt: 0.6 }).verdict).toBe('fail')
})

test('a number that is nearly the outcome is found for a regression, too', () => {
  const values = { task: 'regression', labels: amounts, columns: [days, days] } as const
  expect(check(values).findings).toEqual([])
  const leaky = check({ ...values, columns: [amounts.map((amount) => 3 * amount + random.next()), days] })
  expect(codes(leaky)).toEqual([['knows_too_much', 'fail', 'amount']])
  expect(leaky.findings[0]!.sentence).toContain('R squared')
})

test('rows that became known after their t are told, by how many they are', () => {
  const late = (share: number) => ({
    asked: { ...honest.asked!, knownAt: times.map((time, row) => (row % 100 < 100 * share ? time + HOUR : time)) },
  })
  expect(codes(check(late(0.01)))).toEqual([])
  expect(codes(check(late(0.05)))).toEqual([['known_after', 'warn', undefined]])
  const many = check(late(0.9))
  expect(codes(many)).toEqual([['known_after', 'fail', undefined]])
  expect(many.findings[0]).toMatchObject({
    sentence: "90% of the rows that ask became known after their t, and the model reads 'amount', 'days' from them.",
    evidence: { share: 0.9, late: 2700, rows: 3000 },
    examples: [0, 1, 2, 3, 4],
  })
  expect(check(late(0.9), { allow: ['known_after'] }).verdict).toBe('pass')
})

test('outcomes known at t itself are told, and stop a training where features are made of them', () => {
  const asked = { ...honest.asked!, outcomeKnownAt: times.map((time, row) => (row % 10 === 0 ? Number.NaN : time)) }
  expect(codes(check({ asked }))).toEqual([['outcome_at_once', 'warn', undefined]])
  const groups = [{ definition: { from: 'returns' } }] as unknown as LeakRows['groups']
  expect(codes(check({ asked, groups }))).toEqual([['outcome_at_once', 'fail', undefined]])
  expect(codes(check({ groups }))).toEqual([])
})

test('a column that rows get with their outcome is told by the rows whose outcome is open', () => {
  const columns = [{ column: 'days', missing: 0.02, missingWhileOpen: 0.97 }]
  const report = check({ asked: { ...honest.asked!, columns } })
  expect(codes(report)).toEqual([['filled_later', 'fail', 'days']])
  expect(report.findings[0]!.sentence).toContain('missing in 2% of rows with an outcome, and in 97% of the 400')
  expect(check({ asked: { ...honest.asked!, columns, open: 20 } }).findings).toEqual([])
})

test('a label that is made of a column of the very row is told from the definitions alone', () => {
  const { asked: _, ...rows } = honest
  const inputs = [input('amount', 'number'), input('refund', 'number')]
  const definition = project.models['own_outcome']!
  expect(codes(checkLeaks(definition, project, { ...rows, inputs, columns: [amounts, days] }))).toEqual([
    ['made_of_label', 'fail', 'refund'],
  ])
})

test('test rows that the training rows hold are counted, by key where rows are alike anyway', () => {
  const copied = (values: Float64Array) => values.map((value, row) => (row >= 2900 ? values[row - 2900]! : value))
  const twice = { columns: [copied(amounts), copied(days)], labels: copied(labels) }
  const report = check(twice)
  expect(codes(report)).toEqual([['repeated_rows', 'fail', undefined]])
  expect(report.findings[0]).toMatchObject({ evidence: { repeated: 100, tested: 500, sameKey: 0 } })
  expect(codes(check(twice, { duplicates: 0.1 }))).toEqual([['repeated_rows', 'warn', undefined]])
  // Of few different values equal rows are no wonder, unless they have the same key.
  const coarse = [amounts.map((amount) => Math.round(amount / 50)), days.map((day) => day % 2)]
  expect(check({ columns: coarse }).findings).toEqual([])
  // Nor where some training rows are like others: test rows are like them as often.
  const some = [amounts.map((amount) => Math.round(amount * 8)), days]
  expect(check({ columns: some }).findings).toEqual([])
  expect(codes(check({ ...twice, columns: some.map(copied) }))).toEqual([['repeated_rows', 'fail', undefined]])
  const keys = honest.asked!.keys.map((key) => key % 2500)
  const again = { columns: coarse, labels: labels.map((value, row) => (row >= 2500 ? labels[row - 2500]! : value)) }
  const aligned = coarse.map((values) => values.map((value, row) => (row >= 2500 ? values[row - 2500]! : value)))
  expect(codes(check({ ...again, columns: aligned, asked: { ...honest.asked!, keys } }))).toEqual([
    ['repeated_rows', 'warn', undefined],
  ])
})

test('ids and counters are told from properties', () => {
  const ids = times.map((_, row) => textCode(`order ${row}`))
  expect(codes(check(withInput(input('id', 'string'), ids)))).toEqual([['identifies_rows', 'warn', 'id']])
  const counter = check(
    withInput(
      input('number', 'int'),
      times.map((_, row) => row + 7),
    ),
  )
  expect(codes(counter)).toEqual([['identifies_rows', 'warn', 'number']])
  expect(counter.findings[0]!.sentence).toContain('rises from row to row')
  // A count over a window may differ in every row, and is no id.
  const counted = times.map((_, row) => row * 3)
  const window = { kind: 'feature', group: 0, index: 0 } as const
  const groups = [{ definition: { from: 'orders' } }] as unknown as LeakRows['groups']
  expect(check({ ...withInput(input('orders.count', 'int', window), counted), groups }).findings).toEqual([])
})

test('times of the row after t are told', () => {
  const columns = [{ column: 'days', missing: 0, missingWhileOpen: 0, afterT: 0.25, rowsAfterT: [3, 4] }]
  const report = check({ asked: { ...honest.asked!, columns } })
  expect(codes(report)).toEqual([['future_timestamp', 'warn', 'days']])
  expect(report.findings[0]).toMatchObject({ evidence: { share: 0.25 }, examples: [3, 4] })
  const few = [{ column: 'days', missing: 0, missingWhileOpen: 0, afterT: 0.005 }]
  expect(check({ asked: { ...honest.asked!, columns: few } }).findings).toEqual([])
})

test('a target encoding is held to the outcomes that counted before t', () => {
  const shops = times.map(() => textCode(`shop ${random.integer(20)}`))
  const outcomesCount = times.map((time) => time + 48 * HOUR)
  const rows = withInput(input('shop', 'string'), shops)
  const { inTime, categories, values } = fitTarget(10, shops.subarray(0, 2000), { labels, times, outcomesCount })
  const encoding = (fitted: Float64Array) => ({ input: 2, smoothing: 10, labels, values: fitted, outcomesCount })
  expect(check({ ...rows, encodings: [encoding(inTime)] }).findings).toEqual([])
  // Fitted on all training rows at once, so that each has seen its own outcome.
  const atOnce = shops.slice(0, 2000).map((shop) => values[categories.indexOf(shop)]!)
  const report = check({ ...rows, encodings: [encoding(atOnce)] })
  expect(codes(report)).toEqual([['untimely_encoding', 'fail', 'shop']])
  expect(report.findings[0]!.evidence).toEqual({ wrong: 100, tried: 100 })
})

test('a row that is another one without what came later is told, and one that is missing as it was is not', () => {
  const recomputed = [7, 900].map((row) => ({ row, values: [amounts[row]!, days[row]!] }))
  expect(check({ recomputed }).findings).toEqual([])
  const missing = withInput(
    input('refund', 'number'),
    times.map(() => Number.NaN),
  )
  const again = recomputed.map(({ row, values }) => ({ row, values: [...values, Number.NaN] }))
  expect(check({ ...missing, recomputed: again }).findings).toEqual([])
  const report = check({ recomputed: [recomputed[0]!, { row: 900, values: [amounts[900]!, 61] }] })
  expect(codes(report)).toEqual([['window_crosses_t', 'fail', 'days']])
  expect(report.findings[0]).toMatchObject({
    sentence: `'days' of 1 of 2 rows is another one when only what was known before t is there: 61, and not ${days[900]}.`,
    examples: [900],
  })
})

test('a table without history is a note, and changes no verdict', () => {
  const tables = [{ definition: { static: true } }] as unknown as LeakRows['tables']
  const report = check({
    ...withInput(input('shop.size', 'number', { kind: 'table', table: 0, column: 'size' }), days),
    tables,
  })
  expect(report.verdict).toBe('pass')
  expect(codes(report)).toEqual([['static_table', 'note', 'shop.size']])
})

test('few in a hundred honest sets of any kind are told of', () => {
  let told = 0
  for (let seed = 0; seed < 40; seed += 1) {
    const own = seededRandom(1000 + seed)
    const rows = 400 + own.integer(600)
    const make = (value: () => number) => Float64Array.from({ length: rows }, value)
    const columns = [make(() => own.next()), make(() => own.integer(3)), make(() => textCode(`c${own.integer(50)}`))]
    const outcome = columns[0]!.map((value) => (own.next() < 0.02 + 0.9 * value * value ? 1 : 0))
    const report = checkLeaks(project.models['sent_back']!, project, {
      ...{ task: 'binary', groups: [], tables: [], labels: outcome, times: make(() => 0).map((_, row) => row * HOUR) },
      inputs: [input('amount', 'number'), input('days', 'int'), input('shop', 'string')],
      ...{ columns, train: Math.floor(rows * 0.6), test: Math.floor(rows * 0.8) },
    })
    if (report.verdict !== 'pass') told += 1
  }
  expect(told).toBe(0)
})
