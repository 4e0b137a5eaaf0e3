import { expect, test } from 'vitest'
import { collectProject } from '../../language/define/collect-project.ts'
import { t } from '../../language/define/column-types.ts'
import { gbdt } from '../../language/define/gbdt.ts'
import { label } from '../../language/define/label.ts'
import { model } from '../../language/define/model.ts'
import { byTime } from '../../language/define/model-parts.ts'
import { stream } from '../../language/define/stream.ts'
import { col } from '../../language/define/terms.ts'
import type { EventBatch } from '../../stores/log/event-batch.ts'
import { outcomeReader } from './outcome-reader.ts'

const orders = stream('orders', {
  ...{ key: 'order', time: 'at' },
  schema: { order: t.string(), amount: t.number(), at: t.timestamp() },
})
const returns = stream('returns', {
  ...{ key: 'order', time: 'at', sequence: 'line' },
  schema: {
    order: t.string({ nullable: true }),
    refund: t.number({ nullable: true }),
    line: t.int(),
    at: t.timestamp(),
  },
})
const sentBack = model('sent_back', {
  ...{ predicts: 'whether an order is sent back', at: orders, features: [orders.pick('amount')] },
  label: label(returns, col('refund').gt(0)).on('order').within('2d').absent(false),
  split: byTime({ train: '9d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 2, depth: 2, seed: 1 }),
})
const project = collectProject([sentBack])

/** A batch of returns: order, refund, line; each a second after the one before, from `from` on. */
function batch(from: number, rows: readonly (readonly [string | null, number, number])[]): EventBatch {
  const { length } = rows
  const columns = {
    at: Float64Array.from(rows, (_, row) => from + row),
    line: Float64Array.from(rows, ([, , line]) => line),
  }
  const values = { order: rows.map(([order]) => order), refund: Float64Array.from(rows, ([, refund]) => refund) }
  const all: Record<string, EventBatch['columns'][number]> = { ...columns, ...values }
  return {
    ...{
      stream: 'returns',
      length,
      generation: 0,
      partition: new Uint8Array(length),
      id: rows.map((_, row) => `${from + row}`),
    },
    ...{ offset: columns.at, eventTime: columns.at, knownAt: columns.at },
    columns: Object.keys(project.streams['returns']!.schema).map((name) => all[name]!),
  }
}

test('each event of the label stream is an outcome, unless a field of its key is null', () => {
  const reader = outcomeReader(project.models['sent_back']!, project)
  const read = (given: EventBatch) => [...reader(given)]
  expect(
    read(
      batch(10, [
        ['a', 5, 1],
        [null, 5, 2],
        ['b', 0, 3],
        ['c', Number.NaN, 4],
      ]),
    ),
  ).toEqual([
    { next: { labelKey: 's1:a', eventTime: 10, label: 1, knownAt: 10, id: '10', sequence: 1 } },
    { next: { labelKey: 's1:b', eventTime: 12, label: 0, knownAt: 12, id: '12', sequence: 3 } },
    { next: { labelKey: 's1:c', eventTime: 13, label: Number.NaN, knownAt: 13, id: '13', sequence: 4 } },
  ])
})

test('a correction is the outcome that goes and the one that comes; what does not count is none', () => {
  const reader = outcomeReader(project.models['sent_back']!, project)
  const read = (given: EventBatch) => [...reader(given)]
  const old = batch(10, [
    ['a', 5, 1],
    ['b', 5, 2],
    [null, 5, 3],
  ])
  const corrections = [
    { row: 0, old: { batch: old, row: 0 }, counts: true },
    { row: 1, old: { batch: old, row: 1 }, counts: false },
    { row: 2, old: { batch: old, row: 2 }, counts: true },
    { row: 3, counts: false },
  ]
  const now = batch(20, [
    ['c', 0, 1],
    ['b', 5, 2],
    ['d', 5, 3],
    ['e', 5, 4],
    ['f', 5, 5],
  ])
  const shown = read({ ...now, corrections }).map(({ old, next }) => [
    old?.labelKey,
    old?.label,
    next?.labelKey,
    next?.label,
  ])
  expect(shown).toEqual([
    ['s1:a', 1, 's1:c', 0],
    ['s1:b', 1, undefined, undefined],
    [undefined, undefined, 's1:d', 1],
    [undefined, undefined, 's1:f', 1],
  ])
})
