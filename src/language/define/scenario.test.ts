import { expect, test } from 'vitest'
import { count, mean } from './aggregations.ts'
import { t } from './column-types.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { about, collectTests, test as declare, expectRows, given, status } from './scenario.ts'
import { stream } from './stream.ts'

const orders = stream('orders', {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), customer: t.string({ nullable: true }), amount: t.number(), at: t.timestamp() },
})
const customer = entity('customer', { customer: t.string() })
const group = features('customer_orders', {
  entity: customer,
  from: orders,
  select: { orders_1d: count().over('1d'), mean_1d: mean('amount').over('1d') },
})
const rows = [{ order: 'a', customer: null, amount: 1, at: '2025-01-01' }]

test('a scenario is its steps as plain data', () => {
  const { steps } = given(orders, rows)
    .and(orders, 'orders.csv')
    .at('1970-01-01T00:00:01Z')
    .expect(group, { customer: 'C1' }, { orders_1d: 1, mean_1d: about(2, 0.5) })
    .and(orders, rows, { arriving: '1970-01-01T00:00:02Z' })
    .at('1970-01-01T00:00:03Z')
    .expect(group, { customer: 'C1' }, { mean_1d: status('empty') })
  expect(JSON.parse(JSON.stringify(steps))).toEqual([
    { kind: 'events', stream: 'orders', rows },
    { kind: 'history', stream: 'orders', path: 'orders.csv' },
    { kind: 'at', time: 1e6 },
    {
      ...{ kind: 'features', group: 'customer_orders', key: { customer: 'C1' } },
      values: { orders_1d: 1, mean_1d: { about: 2, tolerance: 0.5 } },
    },
    { kind: 'events', stream: 'orders', rows, arriving: 2e6 },
    { kind: 'at', time: 3e6 },
    { kind: 'features', group: 'customer_orders', key: { customer: 'C1' }, values: { mean_1d: { status: 'empty' } } },
  ])
})

test('what is misspelt or of another type does not compile', () => {
  const moment = given(orders, rows).at('2025-01-02')
  // @ts-expect-error there is no such feature
  moment.expect(group, { customer: 'C1' }, { orders_2d: 1 })
  // @ts-expect-error there is no such key
  moment.expect(group, { custmer: 'C1' }, { orders_1d: 1 })
  // @ts-expect-error the key is a text
  moment.expect(group, { customer: 1 }, { orders_1d: 1 })
  // @ts-expect-error there is no such column
  given(orders, [{ ordr: 'a' }])
  // @ts-expect-error the amount is a number
  given(orders, [{ amount: '1' }])
  // @ts-expect-error nothing can be expected before it is said when
  given(orders, rows).expect?.(group, { customer: 'C1' }, {})
  expect(moment.steps).toHaveLength(2)
})

test('tests are collected while files are loaded, and refused elsewhere', async () => {
  const rejected = expectRows(orders, [{ order: 5 }]).toBeRejected('wrong_type')
  const tests = await collectTests(async () => {
    declare('one', rejected)
    declare('two', expectRows(orders, 'orders.csv').toBeAccepted({ share: 0.9 }))
  })
  expect(tests.map(({ name, steps }) => [name, steps[1]])).toEqual([
    ['one', { kind: 'outcome', stream: 'orders', rejected: 'wrong_type' }],
    ['two', { kind: 'outcome', stream: 'orders', accepted: 0.9 }],
  ])
  expect(() => declare('three', rejected)).toThrow(expect.objectContaining({ code: 'tests_outside_run' }))
})
