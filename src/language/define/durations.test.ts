import { expect, test } from 'vitest'
import { count } from './aggregations.ts'
import { t } from './column-types.ts'
import { label } from './label.ts'
import { limits } from './limits.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { predictions } from './predictions.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const orders = stream('orders', { key: 'order', time: 'at', schema: { order: t.string(), at: t.timestamp() } })
const asked = {
  predicts: 'whether it comes',
  at: orders,
  features: [orders.pick('order')],
  label: label(orders, col('order').eq('x')).on('order').within('1d').absent(false),
  split: byTime({ train: '2d', validate: '1d', test: '1d' }),
}
/** What plain JavaScript may give, as node does not compile a project file. */
const plain = (given: unknown): never => given as never
const large = (changed: object) => (): unknown => model('large', plain({ ...asked, ...changed }))

test.each<[string, () => unknown]>([
  ["model 'large', serve.slo.p99", large({ serve: { slo: { p99: '20' } } })],
  ["model 'large', serve.slo.window", large({ serve: { slo: { window: '20' } } })],
  ["model 'large', serve.log.retain", large({ serve: { log: { retain: '20' } } })],
  ["model 'large', servingLag", large({ servingLag: '20' })],
  ["model 'large', monitor.streamLag", large({ monitor: { streamLag: '20' } })],
  ['label of orders, within', () => label(orders, col('order').eq('x')).on('order').within(plain('20')).absent(false)],
  ['byTime, validate', () => byTime(plain({ train: '2d', validate: '20', test: '1d' }))],
  ['limits, breaker.pause', () => limits(plain({ breaker: { pause: '20' } }))],
  ['predictions, retain', () => predictions(plain({ retain: '20' }))],
  [
    "stream 'orders', ahead",
    () => stream('orders', plain({ key: 'order', time: 'at', schema: orders.schema, ahead: '20' })),
  ],
  ['a window', () => count().over(plain('20'))],
  ['a window, hop', () => count().over('1h', plain({ hop: '20' }))],
])('what is no duration is told with the member that it was given for: %s', (path, define) => {
  expect(define).toThrow(
    expect.objectContaining({ code: 'invalid_duration', path, message: `${path}: '20' is not a duration.` }),
  )
})
