import { expect, test } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../core/time.ts'
import { count, distinct, last, max, mean, sum, timeSinceLast } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { createLiveGroup, type EntityEvent, type LiveGroup, type LiveOptions } from './live.ts'
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

type Trip = readonly [entity: string, eventTime: number, miles: number, id: string]

function groupOf(definition: typeof recent | typeof always, options: LiveOptions = {}) {
  const group = createLiveGroup(planGroup(definition, trips, createDictionary()), options)
  let position = 0
  const trip = ([entity, eventTime, miles, id]: Trip): EntityEvent => {
    const columns = [new Float64Array(1), Float64Array.of(eventTime), Float64Array.of(miles)]
    return { entity, event: { id, eventTime, sequence: 0, position, columns, row: 0 } }
  }
  return {
    group,
    apply(name: string, eventTime: number, miles: number, id = `event ${position}`): boolean {
      const { entity, event } = trip([name, eventTime, miles, id])
      position += 1
      return group.apply(entity, event)
    },
    correct: (old: Trip | undefined, next: Trip | undefined) =>
      group.correct(position++, old && trip(old), next && trip(next)),
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

test('a correction leaves no trace of the row that it replaces, in the entity and time of either', () => {
  const { correct, read } = groupOf(recent)
  correct(undefined, ['a', 10 * MINUTE, 3, 'x'])
  correct(undefined, ['a', 20 * MINUTE, 5, 'y'])
  expect(read('a', 30 * MINUTE)?.values).toEqual([2, 4, 5, 600])
  correct(['a', 20 * MINUTE, 5, 'y'], ['a', 5 * MINUTE, 9, 'y'])
  expect(read('a', 30 * MINUTE)?.values).toEqual([2, 6, 3, 1200])
  correct(['a', 10 * MINUTE, 3, 'x'], ['b', 10 * MINUTE, 3, 'x'])
  expect(read('a', 30 * MINUTE)?.values).toEqual([1, 9, 9, 1500])
  expect(read('b', 30 * MINUTE)?.values).toEqual([1, 3, 3, 1200])
  correct(['a', 5 * MINUTE, 9, 'y'], undefined)
  expect(read('a', 30 * MINUTE)?.statuses).toEqual(Array(4).fill(UNKNOWN_KEY))
  correct(undefined, ['a', 5 * MINUTE, 1, 'y'])
  expect(read('a', 30 * MINUTE)?.values).toEqual([1, 1, 1, 1500])
})

test('a correction that was applied before changes nothing; one of no account moves the position alone', () => {
  const { group, apply, correct, read } = groupOf(recent)
  apply('a', 0, 1, 'x')
  expect(group.correct(0, undefined, undefined)).toBe(false)
  expect(correct(undefined, undefined)).toBe(true)
  expect(group.position).toBe(1)
  expect(read('a', 1)?.values).toEqual([1, 1, 1, 1e-6])
})

test('a row that must be there to be corrected, and is not, is a defect', () => {
  const { apply, correct } = groupOf(recent)
  apply('a', 0, 1, 'x')
  expect(() => correct(['a', 0, 1, 'y'], undefined)).toThrow('The row y of recent was to be corrected')
})

test('a lifetime takes every correction that the stream allows, however new the newest event', () => {
  const { apply, correct, read } = groupOf(always, { slack: 0 })
  for (let minute = 0; minute < 1000; minute++) apply('a', minute * MINUTE, 1000 - minute, `at ${minute}`)
  // Known at minute 999: an hour after the row that it replaces, while the newest event lies five minutes ahead.
  apply('a', (999 + 5) * MINUTE, 1, 'ahead')
  correct(['a', 939 * MINUTE, 61, 'at 939'], undefined)
  expect(read('a', 1004 * MINUTE)?.values.slice(0, 2)).toEqual([999, (1000 * 1001) / 2 - 61])
})

test('a row that is sealed can be taken away where nothing hangs on it; else the log must be asked', () => {
  const { apply, correct, read } = groupOf(always, { slack: 0 })
  for (let minute = 0; minute < 1000; minute++) apply('a', minute * MINUTE, minute % 500, `at ${minute}`)
  const now = 1000 * MINUTE
  correct(['a', 3 * MINUTE, 3, 'at 3'], ['a', 3 * MINUTE, 4, 'at 3'])
  expect(read('a', now)?.values).toEqual([1000, 249_501, 499, 500, 499, 60])
  correct(['a', 499 * MINUTE, 499, 'at 499'], undefined)
  expect(read('a', now)).toBeUndefined()
})

test('who only glances at entities is told the same, and nothing is held for it', () => {
  for (const definition of [recent, always]) {
    const { group, apply, read } = groupOf(definition, { memoRows: 4, slack: 0 })
    for (let event = 0; event < 400; event += 1) apply(`car ${event % 10}`, event * MINUTE, event % 7)
    group.forget(400 * MINUTE)
    for (let walk = 0; walk < 3; walk += 1) for (const _ of group.snapshot().chunks);
    const before = group.memory()
    const now = 401 * MINUTE
    const glance = (name: string, time: number) => {
      const [values, statuses] = [
        new Float64Array(group.plan.features.length),
        new Uint8Array(group.plan.features.length),
      ]
      if (!group.glance(name, time, values, statuses, 0)) return undefined
      return { values: [...values], statuses: [...statuses] }
    }
    const names = [...group.sample(10), 'unknown']
    const glanced = names.flatMap((name) => [glance(name, now), glance(name, 0)])
    expect(group.memory()).toEqual(before)
    expect(glanced).toEqual(names.flatMap((name) => [read(name, now), read(name, 0)]))
    expect(group.memory().bytes).toBeGreaterThan(before.bytes)
    // Nor is an entity that is held made another one.
    expect(names.map((name) => glance(name, now))).toEqual(names.map((name) => read(name, now)))
  }
})
