import { expect, test } from 'vitest'
import { count, last } from './aggregations.ts'
import { t } from './column-types.ts'
import { decayedSum } from './decayed-aggregations.ts'
import { derived } from './derived.ts'
import { encode } from './encode.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { source } from './source.ts'
import { csv, sqlite } from './source-locations.ts'
import { stream } from './stream.ts'
import { table } from './table.ts'
import { col } from './terms.ts'

const options = {
  key: 'order',
  time: 'at',
  schema: { order: t.string(), customer: t.string(), at: t.timestamp() },
} as const
const orders = stream('orders', options)
const customer = entity('customer', { customer: t.string() })

const asked = {
  predicts: 'whether it is large',
  at: orders,
  features: [],
  label: label(orders, col('order').eq('O1')).on('order').within('1d').absent(false),
  split: byTime({ train: '2d', validate: '1d', test: '1d' }),
}

/** Options as plain JavaScript may give them. */
const misspelt = (given: object): never => given as never

test.each<[string, string, () => unknown]>([
  [
    "stream 'orders': There is no option 'rejectBuget'.",
    "Did you mean 'rejectBudget'?",
    () => stream('orders', misspelt({ ...options, rejectBuget: 0.1 })),
  ],
  [
    "stream 'orders', corrections: There is no option 'withn'.",
    "Did you mean 'within'?",
    () => stream('orders', misspelt({ ...options, corrections: { withn: '1d' } })),
  ],
  [
    "features 'spending': There is no option 'freshnes'.",
    "Did you mean 'freshness'?",
    () => features('spending', misspelt({ entity: customer, from: orders, select: {}, freshnes: '1h' })),
  ],
  [
    "source 'shop', retry: There is no option 'longst'.",
    "Did you mean 'longest'?",
    () => source('shop', misspelt({ into: orders, from: csv('orders.csv'), retry: { longst: '1h' } })),
  ],
  [
    "source 'shop', volume: There is no option 'atleast'.",
    "Did you mean 'atLeast'?",
    () => source('shop', misspelt({ into: orders, from: csv('orders.csv'), volume: { per: '1d', atleast: 1 } })),
  ],
  ["last: There is no option 'tll'.", "Did you mean 'ttl'?", () => last('customer', misspelt({ tll: '1h' }))],
  [
    "decayedSum: There is no option 'halflife'.",
    "Did you mean 'halfLife'?",
    () => decayedSum('customer', misspelt({ halflife: '1h' })),
  ],
  ["a window: There is no option 'hopp'.", "Did you mean 'hop'?", () => count().over('1d', misspelt({ hopp: '1h' }))],
  [
    "a window: There is no option 'calender'.",
    "Did you mean 'calendar'?",
    () => count().over(misspelt({ calender: 'day' })),
  ],
  [
    "a calendar window: There is no option 'maximum'.",
    'There are: ',
    () => count().over(misspelt({ calendar: 'day', maximum: '1h' })),
  ],
  ["a lifetime: There is no option 'hop'.", 'There are: ', () => count().over('lifetime', misspelt({ hop: '1h' }))],
  ["a column: There is no option 'nulable'.", "Did you mean 'nullable'?", () => t.string(misspelt({ nulable: true }))],
  [
    "table 'fares': There is no option 'validUntil'.",
    "Did you mean 'validTo'?",
    () => table('fares', misspelt({ key: 'order', schema: options.schema, validFrom: 'at', validUntil: 'at' })),
  ],
  [
    "derived 'ratios': There is no option 'selct'.",
    "Did you mean 'select'?",
    () => derived('ratios', misspelt({ selct: {} })),
  ],
  [
    "source 'files': There is no option 'schedul'.",
    "Did you mean 'schedule'?",
    () => source('files', misspelt({ into: orders, from: csv('in/*.csv'), schedul: '* * * * *' })),
  ],
  [
    "model 'large': There is no option 'trainr'.",
    "Did you mean 'trainer'?",
    () => model('large', misspelt({ ...asked, trainr: {} })),
  ],
  [
    "model 'large', serve: There is no option 'decison'.",
    "Did you mean 'decision'?",
    () => model('large', misspelt({ ...asked, serve: { decison: {} } })),
  ],
  [
    "model 'large', serve.slo: There is no option 'p95'.",
    "Did you mean 'p99'?",
    () => model('large', misspelt({ ...asked, serve: { slo: { p95: '1s' } } })),
  ],
  [
    "model 'large', monitor: There is no option 'minimun'.",
    "Did you mean 'minimum'?",
    () => model('large', misspelt({ ...asked, monitor: { minimun: 5 } })),
  ],
  [
    "encode.oneHot: There is no option 'mst'.",
    "Did you mean 'most'?",
    () => encode.oneHot(orders.pick('customer'), misspelt({ mst: 5 })),
  ],
  [
    "sqlite: There is no option 'tabel'.",
    "Did you mean 'table'?",
    () => sqlite('shop.db', misspelt({ tabel: 'orders' })),
  ],
  [
    "byTime: There is no option 'valid'.",
    "Did you mean 'validate'?",
    () => byTime(misspelt({ train: '2d', valid: '1d', test: '1d' })),
  ],
  [
    "label.within: There is no option 'grce'.",
    "Did you mean 'grace'?",
    () =>
      label(orders, col('order').eq('O1'))
        .on('order')
        .within('1d', misspelt({ grce: '1h' }))
        .absent(false),
  ],
])('%s', (message, remedy, define) => {
  expect(define).toThrow(
    expect.objectContaining({ code: 'definition_invalid', message, remedy: expect.stringContaining(remedy) }),
  )
})

test('options that are not there at all are refused in words', () => {
  expect(() => sqlite({ file: 'a.db', table: 'a' } as never, undefined as never)).toThrow(
    expect.objectContaining({ code: 'definition_invalid', message: expect.stringContaining('sqlite') }),
  )
  expect(() => sqlite('a.db', undefined as never)).toThrow(expect.objectContaining({ code: 'definition_invalid' }))
  expect(() => sqlite('a.db', { tabel: 'a' } as never)).toThrow(
    expect.objectContaining({ remedy: expect.stringContaining("'table'") }),
  )
})
