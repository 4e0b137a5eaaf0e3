import { expect, test } from 'vitest'
import { count, last, mean, sum } from './aggregations.ts'
import { alerts } from './alerts.ts'
import { nullRate } from './batch-checks.ts'
import { checkProject, mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import type { ConsumerDefinition } from './consumer-definition.ts'
import { above } from './decision.ts'
import type { ModelDefinition, ServeDefinition, StreamDefinition } from './definitions.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { gbdt } from './gbdt.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), customer: t.string(), amount: t.number(), at: t.timestamp() },
})
const customer = entity('customer', { customer: t.string() })
const of = { entity: customer, from: orders } as const
const habits = features('habits', { ...of, select: { mean_7d: mean('amount').over('7d', { hop: '1h' }) } })
const large = model('large', {
  predicts: 'the next amount',
  at: orders,
  features: [habits],
  label: label(orders, col('amount')).on('customer').within('30d').absent('exclude'),
  split: byTime({ train: '21d', validate: '5d', test: '5d' }),
})

/** Places and codes of the mistakes of a project with one definition changed. */
function places(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path }) => `${path}: ${code}`)
}

function changed(changes: Partial<ModelDefinition>): string[] {
  const project = collectProject([large])
  return mistakesIn({ ...project, models: { large: { ...large, ...changes } } }).map(
    ({ code, path }) => `${path}: ${code}`,
  )
}

function changedStream(changes: Partial<StreamDefinition>): string[] {
  const project = collectProject([orders])
  return mistakesIn({ ...project, streams: { orders: { ...orders, ...changes } } }).map(
    ({ code, path }) => `${path}: ${code}`,
  )
}

test('a column that another stream has is said to be one of it', () => {
  const returns = stream('returns', {
    key: 'order',
    time: 'at',
    schema: { order: t.string(), refund: t.number(), customer: t.string(), at: t.timestamp() },
  })
  // @ts-expect-error
  const refunds = features('refunds', { ...of, select: { sum_7d: sum('refund').over('7d', { hop: '1h' }) } })
  const [mistake, ...others] = mistakesIn(collectProject([refunds, returns]))
  expect(others).toEqual([])
  expect(mistake).toMatchObject({
    code: 'unknown_column',
    message: "features 'refunds', select.sum_7d: There is no column 'refund'.",
    remedy: "The columns are amount, at, customer, order. 'refund' is a column of the stream 'returns'.",
  })
})

test('defaults are written into definitions', () => {
  expect(places(large)).toEqual([])
  expect(orders).toMatchObject({
    key: ['order'],
    id: ['order', 'at'],
    knownAt: { lag: 0 },
    ahead: 300e6,
    corrections: { within: 7 * 86400e6 },
  })
  expect(habits).toMatchObject({ keys: { customer: 'customer' }, horizon: 7 * 86400e6 + 3600e6, expect: [] })
  expect(large).toMatchObject({
    task: 'regression',
    servingLag: 0,
    gate: { metric: 'rmse', baseline: 'without_windows', champion: { margin: 0.002 }, segments: [] },
    serve: { modes: ['realtime', 'batch'], log: 'group' },
    retrain: { approval: 'ask' },
    trainer: { kind: 'gbdt', parameters: { trees: 200, depth: 6, seed: 1 } },
  })
})

function askedBy(...consumers: readonly ConsumerDefinition[]): ServeDefinition {
  return { ...large.serve, consumers }
}

test('several mistakes are reported together, each with its definition and its remedy', () => {
  const wrong = features('wrong', {
    ...of,
    select: { a: count().over('1h', { hop: '7m' }), b: last('amount', { ttl: '0s' }) },
    expect: [nullRate('a').atMost(2)],
  })
  const project = collectProject([wrong, alerts({ webhook: 'ftp://example.com' })])
  expect(() => checkProject(project)).toThrow(
    expect.objectContaining({
      code: 'definition_invalid',
      message: [
        '4 mistakes:',
        "- features 'wrong', select.a: The hop of 7m does not divide the window of 1h. Use a hop that goes into the window a whole number of times.",
        "- features 'wrong', select.b: A window must be longer than 0. Mend the definition named; the guide shows each kind with an example.",
        "- features 'wrong', expect completeness: The share must lie between 0 and 1. Mend the definition named; the guide shows each kind with an example.",
        "- alerts, webhook: 'ftp://example.com' is not an http or https address. Mend the definition named; the guide shows each kind with an example.",
      ].join('\n'),
    }),
  )
})

test('a single mistake is thrown as it is', () => {
  const wrong = features('wrong', { ...of, select: { a: count().over('2h') }, horizon: '1h' })
  expect(() => checkProject(collectProject([wrong]))).toThrow(
    expect.objectContaining({ code: 'definition_invalid', path: "features 'wrong', horizon" }),
  )
})

test.each([
  [{ key: [] }, 'key: definition_invalid'],
  [{ key: ['order', 'order'] }, 'key: definition_invalid'],
  [{ id: ['amount'] }, 'id: type_mismatch'],
  [{ time: 'order' }, 'time: type_mismatch'],
  [{ schema: { ...orders.schema, at: t.timestamp({ nullable: true }) } }, 'time: definition_invalid'],
  [{ sequence: 'amount' }, 'sequence: type_mismatch'],
  [{ knownAt: { column: 'known' } }, 'knownAt: unknown_column'],
  [{ schema: { ...orders.schema, x: t.int({ min: 2, max: 1 }) } }, 'schema.x: definition_invalid'],
  [{ schema: { ...orders.schema, x: t.decimal({ scale: 16 }) } }, 'schema.x: definition_invalid'],
  [{ schema: { ...orders.schema, x: t.string({ oneOf: [] }) } }, 'schema.x: definition_invalid'],
  [{ schema: { ...orders.schema, x: t.string({ unknown: 'null', nullable: true }) } }, 'schema.x: definition_invalid'],
  [{ schema: { ...orders.schema, x: t.string({ oneOf: ['a'], unknown: 'null' }) } }, 'schema.x: definition_invalid'],
  [
    { schema: { ...orders.schema, x: t.string({ oneOf: ['a'], nullable: true, unknown: 'a' as never }) } },
    'schema.x: definition_invalid',
  ],
  [{ schema: { ...orders.schema, x: { type: 'text' } as never } }, 'schema.x: definition_invalid'],
  [{ schema: { ...orders.schema, x: { type: 'bool', min: 1 } } }, 'schema.x: definition_invalid'],
] as [Partial<StreamDefinition>, string][])('%# a stream cannot have %o', (changes, expected) => {
  expect(changedStream(changes)).toEqual([`stream 'orders', ${expected}`])
})

test.each([
  [{ at: 'ordres' }, 'at: unknown_stream'],
  [{ serve: askedBy({ name: 'web', by: 'entity', uses: ['amuont'] }) }, 'serve.consumers web: unknown_column'],
  [{ serve: askedBy({ name: 'web', by: 'vector', decisions: ['keep'] }) }, 'serve.consumers web: definition_invalid'],
  [{ serve: askedBy({ name: 'web', by: 'mail' as never }) }, 'serve.consumers web: definition_invalid'],
  [
    { serve: askedBy({ name: 'web', by: 'entity' }, { name: 'web', by: 'vector' }) },
    'serve.consumers web: definition_invalid',
  ],
  [{ time: 'order' }, 'time: type_mismatch'],
  [{ features: [] }, 'features: definition_invalid'],
  [{ features: [...large.features, ...large.features] }, 'features habits.mean_7d: definition_invalid'],
  [{ features: [{ kind: 'features', name: 'habit', keys: {} }] }, 'features: unknown_feature'],
  [{ features: [{ kind: 'pick', columns: ['customer'] }] }, 'features customer: not_numeric_feature'],
  [{ task: 'binary', gate: { ...large.gate, metric: 'auc' } }, 'task: definition_invalid'],
  [{ label: { ...large.label, absent: { value: true } } }, 'label.absent: type_mismatch'],
  [{ label: { ...large.label, within: 0 } }, 'label.within: definition_invalid'],
  [{ label: { ...large.label, on: {} } }, 'label.on: definition_invalid'],
  [{ label: { ...large.label, on: { amount: 'order' } } }, 'label.on: type_mismatch'],
  [{ label: { ...large.label, from: 'order' } }, 'label: unknown_stream'],
  [{ split: { ...large.split, test: 0 } }, 'split: definition_invalid'],
  [{ gate: { ...large.gate, metric: 'auc' } }, 'gate.metric: definition_invalid'],
  [{ gate: { ...large.gate, segments: ['country'] } }, 'gate.segments: unknown_column'],
  [{ trainer: gbdt({ depth: 0 }) }, 'trainer.depth: invalid_parameter'],
  [{ trainer: gbdt({ dept: 3 } as never) }, 'trainer: invalid_parameter'],
  [{ serve: { ...large.serve, modes: [] } }, 'serve.modes: definition_invalid'],
  [{ serve: { ...large.serve, modes: ['batch', 'realtimes' as 'realtime'] } }, 'serve.modes: definition_invalid'],
  [{ serve: { ...large.serve, decision: above(Number.NaN, 'a', 'b') } }, 'serve.decision: definition_invalid'],
  [{ monitor: { ...large.monitor, alpha: 1 } }, 'monitor.alpha: definition_invalid'],
  [{ retrain: { approval: 'ask', schedule: 'monthly' } }, 'retrain.schedule: definition_invalid'],
  [{ retrain: { approval: 'ask', schedule: '0 4 * * 1', zone: 'Mars' } }, 'retrain.zone: unknown_zone'],
  [{ retrain: { approval: 'ask', zone: 'Asia/Tokyo' } }, 'retrain.zone: definition_invalid'],
  [{ retrain: { approval: 'ask', onDrift: { psi: 0.1, for: 0 } } }, 'retrain.onDrift.psi: definition_invalid'],
  [{ retrain: { approval: 'ask', onDrift: { features: [], for: 0 } } }, 'retrain.onDrift.features: definition_invalid'],
  [
    { retrain: { approval: 'ask', onPerformance: { drop: 0, for: 0 } } },
    'retrain.onPerformance.drop: definition_invalid',
  ],
  [{ retrain: { approval: 'ask', budget: { runs: 0, per: 1 } } }, 'retrain.budget.runs: definition_invalid'],
  [{ retrain: { approval: 'never' as never } }, 'retrain.approval: definition_invalid'],
] as [Partial<ModelDefinition>, string][])('%# a model cannot have %o', (changes, expected) => {
  expect(changed(changes)).toEqual([`model 'large', ${expected}`])
})

test('columns are refused whose names the lake could not tell apart, or has itself', () => {
  const { schema } = orders
  expect(changedStream({ schema: { ...schema, Amount: t.number(), _row: t.int() } })).toEqual([
    "stream 'orders', schema.Amount: definition_invalid",
    "stream 'orders', schema._row: definition_invalid",
  ])
  expect(changedStream({ schema: { ...schema, file_row_number: t.int(), é: t.int(), É: t.int() } })).toEqual([])
})

test('names that could not stand in an address are refused', () => {
  expect(places(entity('my entity', { customer: t.string() }))).toEqual(["entity 'my entity': definition_invalid"])
  expect(places(features('ok', { ...of, select: { 'a/b': count().over('1h') } }))).toEqual([
    "features 'ok', select.a/b: definition_invalid",
  ])
})

test('a name that is too long is told so, and how long it may be', () => {
  expect(mistakesIn(collectProject([entity('a'.repeat(101), { customer: t.string() })]))).toMatchObject([
    { message: expect.stringContaining('The name is 101 letters long; 100 are the most.') },
  ])
  expect(places(entity('a'.repeat(100), { customer: t.string() }))).toEqual([])
})

test('two different definitions of one name are refused, and the same one twice is one', () => {
  const twin = entity('customer', { customer: t.string() })
  expect(Object.keys(collectProject([large, twin]).entities)).toEqual(['customer'])
  const other = entity('customer', { customer: t.int() })
  expect(() => collectProject([large, other])).toThrow(
    expect.objectContaining({ code: 'duplicate_definition', path: "entity 'customer'" }),
  )
})

test('definitions are plain data: what they offer beyond it is not enumerable', () => {
  expect(JSON.parse(JSON.stringify(orders))).toEqual({ ...orders })
  expect(structuredClone({ ...habits })).toEqual({ ...habits })
})
