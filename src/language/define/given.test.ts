import { expect, test } from 'vitest'
import { count, share } from './aggregations.ts'
import { checkProject } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { above, bands, override } from './decision.ts'
import { derived, feature } from './derived.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { gbdt } from './gbdt.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { request } from './request.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), customer: t.string(), amount: t.number(), at: t.timestamp() },
})
const customer = entity('customer', { customer: t.string() })
const spending = features('spending', { entity: customer, from: orders, select: { n: count().over('1d') } })

const asked = {
  predicts: 'whether it is large',
  at: orders,
  features: [spending],
  label: label(orders, col('amount').gt(9)).on('order').within('1d').absent(false),
  split: byTime({ train: '2d', validate: '1d', test: '1d' }),
}

/** What plain JavaScript may give, as node does not compile a project file. */
const plain = (given: unknown): never => given as never
const large = (changed: object) => (): unknown => model('large', plain({ ...asked, ...changed }))
const decided = above(0.5, 'call', 'ship')
// What JavaScript makes of `col('amount') > 100`.
const compared = plain(false)

test.each<[string, string, () => unknown]>([
  ["model 'large', at: It cannot be 'orders'.", 'at: orders', large({ at: 'orders' })],
  ["model 'large', features: It cannot be features 'spending'.", 'a list', large({ features: spending })],
  ["model 'large', features: It cannot be 'spending'.", 'without quotes', large({ features: ['spending'] })],
  ["model 'large', features: It cannot be stream 'orders'.", 'pick', large({ features: [orders] })],
  ["model 'large', features: It is not given.", 'the definition itself', large({ features: [undefined] })],
  ["model 'large', label: It is not given.", 'label(', large({ label: undefined })],
  ["model 'large', label: It cannot be 'amount'.", 'label(', large({ label: 'amount' })],
  ["model 'large', split: It cannot be 'random'.", 'byTime(', large({ split: 'random' })],
  ["model 'large', trainer: It cannot be 'gbdt'.", 'gbdt(', large({ trainer: 'gbdt' })],
  ["model 'large', trainer: It cannot be a function that is not called.", 'gbdt(', large({ trainer: gbdt })],
  ["model 'large', serve.decision: It cannot be 0.5.", 'above(', large({ serve: { decision: 0.5 } })],
  [
    "model 'large', serve.overrides: It cannot be an object.",
    'override(',
    large({ serve: { decision: decided, overrides: [{ when: col('amount').gt(1), decision: 'call', reason: 'r' }] } }),
  ],
  ["model 'large': Its options are not given as an object.", 'predicts', () => model('large', plain(undefined))],
  ['bands: It cannot be an object.', 'a list', () => bands(plain({ above: 0.5 }))],
  [
    'override, when: It cannot be false.',
    "col('amount').gt(100)",
    () => override({ when: compared, decision: 'call', reason: 'r' }),
  ],
  [
    "derived 'ratios', select.half: It cannot be NaN.",
    'methods',
    () => derived('ratios', { select: { half: plain(Number.NaN) } }),
  ],
  ["derived 'ratios', select: It is not given.", 'select', () => derived('ratios', plain({}))],
  ["feature 'n': It cannot be 'spending'.", 'without quotes', () => feature(plain('spending'), plain('n'))],
  ["request 'row', big: It cannot be false.", 'methods', () => request('row', { big: compared })],
  ['an expression: It cannot be false.', "col('amount').gt(100)", () => count().where(compared)],
  ['an expression: It cannot be false.', "col('amount').gt(100)", () => share(compared)],
  ["features 'f', entity: It cannot be 'customer'.", 'entity: customer', () => group({ entity: 'customer' })],
  ["features 'f', from: It cannot be 'orders'.", 'from: orders', () => group({ from: 'orders' })],
  ["features 'f', select: It is not given.", 'count()', () => group({ select: undefined })],
  ["features 'f', select.n: It cannot be 'count'.", "count().over('1h')", () => group({ select: { n: 'count' } })],
  ["entity 'customer': It is not given.", 't.string()', () => entity('customer', plain(undefined))],
  ['orders.pick: It cannot be a list.', "orders.pick('items', 'amount')", () => orders.pick(plain(['amount']))],
  ["stream 's', time: It is not given.", 'time:', () => stream('s', plain({ key: 'a', schema: { a: t.string() } }))],
  ["stream 's', key: It is not given.", 'key:', () => stream('s', plain({ time: 'a', schema: { a: t.timestamp() } }))],
  ["stream 's', schema: It is not given.", 't.string()', () => stream('s', plain({ time: 'a', key: 'a' }))],
])('%s', (message, remedy, define) => {
  expect(define).toThrow(
    expect.objectContaining({ code: 'definition_invalid', message, remedy: expect.stringContaining(remedy) }),
  )
})

function group(changed: object): unknown {
  return features('f', plain({ entity: customer, from: orders, select: { n: count().over('1h') }, ...changed }))
}

test('a column whose type is a word, or was not called, is told from one of no type', () => {
  const schema = { word: 'string', uncalled: t.string, at: t.timestamp() }
  const check = (): void => checkProject(collectProject([stream('s', plain({ key: 'word', time: 'at', schema }))]))
  expect(check).toThrow("schema.word: A column's type cannot be 'string': it is t.string()")
  expect(check).toThrow("schema.uncalled: A column's type cannot be a function that is not called")
})

test('a number in quotes is shown in quotes', () => {
  const check = (): void => checkProject(collectProject([large({ trainer: gbdt(plain({ depth: '5' })) })()]))
  expect(check).toThrow("'5' is not a whole number from 1 to 12.")
})
