import { expect, test } from 'vitest'
import { first, last } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { uniqueValues } from '../language/define/several-aggregations.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { planGroup } from './plan.ts'
import { EntityRows } from './rows.ts'
import { SealedCollections } from './sealed-collections.ts'
import { StateReader, StateWriter } from './state-words.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  schema: { car: t.string(), ended: t.timestamp(), miles: t.int() },
})
const group = features('of_car', {
  entity: entity('car', { car: t.string() }),
  from: trips,
  select: {
    a: first('miles').n(2).over('lifetime'),
    b: last('miles').n(2).over('lifetime'),
    c: uniqueValues('miles', 3).over('lifetime'),
    d: last('miles').n(2).over('1h'),
  },
})
const plan = planGroup(group, trips, createDictionary())
const ends = plan.collections.findIndex(
  ({ kind, window }) => kind === 'ordered' && plan.windows[window]?.kind === 'lifetime',
)

function rowOf(time: number, miles: number): EntityRows {
  const rows = new EntityRows(plan)
  rows.insert(time, 0, `at ${time}`, Float64Array.of(miles))
  return rows
}

function sealedOf(...times: readonly number[]): SealedCollections {
  const sealed = new SealedCollections(plan)
  for (const time of times) sealed.take(rowOf(time, time * 10), 0)
  return sealed
}

const endsOf = (sealed: SealedCollections) => {
  const { firsts = [], lasts = [] } = sealed.ends(ends) ?? {}
  return [firsts.map(({ value }) => value), lasts.map(({ value }) => value)]
}

test('the first and the last values are kept, whatever the order that rows come in', () => {
  expect(endsOf(sealedOf(3, 1, 4, 2))).toEqual([
    [10, 20],
    [40, 30],
  ])
})

test('a value between the ends can go; one of the ends cannot where another takes its part', () => {
  const sealed = sealedOf(1, 2, 3, 4, 5)
  expect(sealed.takeAway(rowOf(3, 30), 0)).toBe(true)
  expect(sealed.takeAway(rowOf(4, 40), 0)).toBe(false)
})

test('where all values are kept each of them can go', () => {
  const sealed = sealedOf(1)
  expect(sealed.takeAway(rowOf(1, 10), 0)).toBe(true)
  expect(endsOf(sealed)).toEqual([[], []])
})

test('of different values only the first ones are kept, and one of them cannot go any more', () => {
  const sealed = sealedOf(...Array.from({ length: 200 }, (_, index) => 200 - index))
  const unique = plan.collections.findIndex(({ kind }) => kind === 'counted')
  expect(sealed.bag(unique)?.has(10)).toBe(true)
  expect(sealed.bag(unique)?.has(1500)).toBe(false)
  expect(sealed.takeAway(rowOf(150, 1500), 0)).toBe(true)
  expect(sealed.takeAway(rowOf(2, 20), 0)).toBe(false)
})

test('what is written down is read again', () => {
  const sealed = sealedOf(1, 2, 3)
  const writer = new StateWriter()
  sealed.write(writer)
  const read = new SealedCollections(plan)
  read.read(new StateReader(writer.written.slice()))
  expect(endsOf(read)).toEqual(endsOf(sealed))
  expect(read.byteLength).toBe(sealed.byteLength)
})
