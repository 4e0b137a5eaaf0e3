import { expect, test } from 'vitest'
import { count } from '../../../language/define/aggregations.ts'
import { collectProject } from '../../../language/define/collect-project.ts'
import { t } from '../../../language/define/column-types.ts'
import { derived, feature } from '../../../language/define/derived.ts'
import { entity } from '../../../language/define/entity.ts'
import { features } from '../../../language/define/features.ts'
import { gbdt } from '../../../language/define/gbdt.ts'
import { label } from '../../../language/define/label.ts'
import { model } from '../../../language/define/model.ts'
import { byTime } from '../../../language/define/model-parts.ts'
import { expectRows, given, type Scenario } from '../../../language/define/scenario.ts'
import { stream } from '../../../language/define/stream.ts'
import { col } from '../../../language/define/terms.ts'
import { testsOfModel } from './tests-of-model.ts'

const schema = { id: t.string(), customer: t.string(), amount: t.number(), at: t.timestamp() }
const streamNamed = (name: string) => stream(name, { key: 'id', time: 'at', schema })
const orders = streamNamed('orders')
const returns = streamNamed('returns')
const clicks = streamNamed('clicks')
const payments = streamNamed('payments')
const customer = entity('customer', { customer: t.string() })
const ofClicks = features('of_clicks', { entity: customer, from: clicks, select: { n: count().over('1d') } })
const ofPayments = features('of_payments', { entity: customer, from: payments, select: { n: count().over('1d') } })
const doubled = derived('doubled', { select: { n: feature(ofClicks.on({ customer: 'customer' }), 'n').add(1) } })
const parts = {
  at: orders,
  label: label(returns, col('amount').gt(0)).on('id').within('1d').absent(false),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 2, seed: 1 }),
}
const sentBack = model('sent_back', { ...parts, predicts: 'whether it comes back', features: [doubled] })
const paid = model('paid', { ...parts, predicts: 'whether it is paid', features: [ofPayments] })
const project = collectProject([sentBack, paid])

const row = { id: 'a', customer: 'C', amount: 1, at: '2025-01-01T00:00:00Z' }
const come = given(orders, [row]).at('2025-01-02')
const tests: Readonly<Record<string, Scenario>> = {
  clicks: come.expect(ofClicks, { customer: 'C' }, { n: 0 }),
  payments: come.expect(ofPayments, { customer: 'C' }, { n: 0 }),
  inputs: come.expectInputs(sentBack, row, { 'doubled.n': 1 }),
  paid: come.train(paid).expectPrediction(paid, row, { score: 1 }),
  'rows of payments': expectRows(payments, [row]).toBeAccepted(),
  'rows of returns': expectRows(returns, 'returns.csv').toPass(),
  'payments come': given(payments, [row]).at('2025-01-02'),
  'clicks come': given(clicks, [row]).at('2025-01-02'),
  nothing: { steps: [] },
  'features that are not there': { steps: [{ kind: 'features', group: 'of_click', key: {}, values: {} }] },
}
const file = { path: 'all.trueline.ts', tests: Object.entries(tests).map(([name, { steps }]) => ({ name, steps })) }
const other = { path: 'other.trueline.ts', tests: [{ name: 'payments', steps: tests['payments']!.steps }] }

const namesOf = (name: string): string[] =>
  testsOfModel([file], name, project).flatMap((found) => found.tests.map((one) => one.name))

test('a training waits for the tests of the model and of what it is made of, and for those of nothing in particular', () => {
  const ours = ['clicks', 'inputs', 'rows of returns', 'clicks come', 'nothing', 'features that are not there']
  expect(namesOf('sent_back')).toEqual(ours)
  expect(namesOf('paid')).toEqual([
    ...['payments', 'paid', 'rows of payments', 'rows of returns', 'payments come', 'nothing'],
    'features that are not there',
  ])
})

test('files without such a test are left out, and nothing is left out for a model that the project does not have', () => {
  expect(testsOfModel([other, file], 'sent_back', project).map(({ path }) => path)).toEqual([file.path])
  expect(testsOfModel([other, file], 'another', project)).toEqual([other, file])
})
