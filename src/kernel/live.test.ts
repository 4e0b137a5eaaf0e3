import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../core/time.ts'
import { count, distinct, last, max, mean, sum, timeSinceLast } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { createLiveGroup, type LiveGroup, type LiveOptions } from './live.ts'
import { planGroup } from './plan.ts'
import { EMPTY, NULL, UNKNOWN_KEY, VALUE } from './status.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  corrections: { within: '1h' },
  schema: { car: t.string(), ended: t.timestamp(), miles: t.number({ nullable: true }) },
})
const car = entity('car', { car: t.string() })

const recent = features('recent', {
  entity: car,
  from: trips,
  horizon: '2h',
  select: {
    a_count: count().over('1h'),
    b_mean: mean('miles').over('1h'),
    c_last: last('miles', { ttl: '1h' }),
    d_since: timeSinceLast().over('1h'),
  },
})
const always = features('always', {
  entity: car,
  from: trips,
  select: {
    a_count: count().over('lifetime'),
    b_sum: sum('miles').over('lifetime'),
    c_max: max('miles').over('lifetime'),
    d_distinct: distinct('miles').over('lifetime'),
    e_last: last('miles').over('lifetime'),
    f_recent: count().over('1h'),
  },
})

function groupOf(definition: typeof recent | typeof always, options: LiveOptions = {}) {
  const group = createLiveGroup(planGroup(definition, trips, createDictionary()), options)
  let position = 0
  return {
    group,
    apply(name: string, eventTime: number, miles: number, id = `event ${position}`): boolean {
      const columns = [new Float64Array(1), Float64Array.of(eventTime), Float64Array.of(miles)]
      return group.apply(name, { id, eventTime, sequence: 0, position: position++, columns, row: 0 })
    },
    read: (name: string, time: number) => read(group, name, time),
  }
}

function read(group: LiveGroup, name: string, time: number) {
  const values = new Float64Array(group.plan.features.length + 2).fill(-1)
  const statuses = new Uint8Array(group.plan.features.length + 2).fill(9)
  if (!group.read(name, time, values, statuses, 1)) return undefined
  expect([values[0], values.at(-1), statuses[0], statuses.at(-1)]).toEqual([-1, -1, 9, 9])
  return { values: [...values.slice(1, -1)], statuses: [...statuses.slice(1, -1)] }
}

test('a vector says what it is made of: unknown key, empty window, null and values', () => {
  const { apply, read } = groupOf(recent)
  apply('a', 0, Number.NaN)
  const none = Number.NaN
  expect(read('b', 1)).toEqual({ values: [0, none, none, none], statuses: Array(4).fill(UNKNOWN_KEY) })
  expect(read('a', 0)).toEqual({ values: [0, none, none, none], statuses: Array(4).fill(UNKNOWN_KEY) })
  expect(read('a', 5 * SECOND)).toEqual({ values: [1, none, none, 5], statuses: [VALUE, NULL, NULL, VALUE] })
  expect(read('a', HOUR + 1)).toEqual({ values: [0, none, none, none], statuses: Array(4).fill(EMPTY) })
  expect(read('a', 2 * HOUR + 1)?.statuses).toEqual(Array(4).fill(UNKNOWN_KEY))
})

test('an event at the edge of a window is inside it, one at t is not', () => {
  const { apply, read } = groupOf(recent)
  apply('a', 0, 1)
  apply('a', HOUR, 2)
  expect(read('a', HOUR)?.values[0]).toBe(1)
  expect(read('a', HOUR + 1)?.values[0]).toBe(1)
  expect(read('a', HOUR + 1)?.values[1]).toBe(2)
})

test('ties go to the greatest id, whichever came last', () => {
  const { apply, read } = groupOf(recent)
  apply('a', 0, 2, 'b')
  apply('a', 0, 1, 'a')
  expect(read('a', 1)?.values[2]).toBe(2)
})

test('an event that was applied before changes nothing', () => {
  const { group, apply, read } = groupOf(recent)
  expect(group.position).toBe(-1)
  apply('a', 0, 1)
  const again = { id: 'event 0', eventTime: 0, sequence: 0, position: 0, columns: [], row: 0 }
  expect(group.apply('a', again)).toBe(false)
  expect(read('a', 1)?.values[0]).toBe(1)
  expect(group.position).toBe(0)
})

test('memory is bounded by the horizon, and what is gone is not answered for', () => {
  const { group, apply, read } = groupOf(recent)
  for (let minute = 0; minute < 10_000; minute++) apply('a', minute * MINUTE, minute)
  expect(group.memory().events).toBeLessThan(600)
  expect(group.memory().bytes).toBeLessThan(100_000)
  expect(read('a', 10_000 * MINUTE)?.values.slice(0, 2)).toEqual([60, (9940 + 9999) / 2])
  expect(read('a', 9_990 * MINUTE)?.values[0]).toBe(60)
  expect(read('a', 100 * MINUTE)).toBeUndefined()
})

test('entities that went quiet are forgotten, and nothing older is answered for any', () => {
  const { group, apply, read } = groupOf(recent)
  for (let entity = 0; entity < 100; entity++) apply(`car ${entity}`, entity * MINUTE, 1)
  group.forget(200 * MINUTE)
  expect(group.memory()).toMatchObject({ entities: 20, events: 20 })
  expect(read('car 0', 199 * MINUTE)).toBeUndefined()
  expect(read('car 0', 200 * MINUTE)?.statuses).toEqual(Array(4).fill(UNKNOWN_KEY))
  apply('car 0', 199 * MINUTE, 7)
  expect(read('car 0', 200 * MINUTE)?.values.slice(0, 2)).toEqual([1, 7])
  expect(read('car 0', 150 * MINUTE)).toBeUndefined()
})

test('a lifetime outlives its rows, and takes in a row that comes later still', () => {
  const { group, apply, read } = groupOf(always, { slack: 0 })
  for (let minute = 0; minute < 1000; minute++) apply('a', minute * MINUTE, minute % 7)
  expect(group.memory().events).toBeLessThan(300)
  const now = 1000 * MINUTE
  const total = Array.from({ length: 1000 }, (_, minute) => minute % 7).reduce((left, right) => left + right, 0)
  expect(read('a', now)?.values).toEqual([1000, total, 6, 7, 999 % 7, 60])
  apply('a', 1, 99)
  expect(read('a', now)?.values).toEqual([1001, total + 99, 99, 8, 999 % 7, 60])
  expect(read('a', 10 * MINUTE)).toBeUndefined()
  group.forget(now + 24 * HOUR)
  expect(group.memory()).toMatchObject({ entities: 1, events: 0 })
  expect(read('a', now + 24 * HOUR)?.values).toEqual([1001, total + 99, 99, 8, 999 % 7, 0])
})
