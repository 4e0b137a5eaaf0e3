import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { count, last, sum } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { planGroup } from './plan.ts'
import { replayGroup } from './replay.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  schema: { car: t.string(), ended: t.timestamp(), miles: t.number() },
})
const group = features('of_car', {
  entity: entity('car', { car: t.string() }),
  from: trips,
  select: { a_count: count().over('1s'), b_last: last('miles').over('1s'), c_sum: sum('miles').over('lifetime') },
})
const plan = planGroup(group, trips, createDictionary())

interface Row {
  readonly entity: number
  readonly time: number
  readonly visibleAt: number
  readonly hiddenAt?: number
  readonly miles: number
}

interface Query {
  readonly entity: number
  readonly time: number
  readonly cut: number
}

function replay(events: readonly Row[], queries: readonly Query[]): number[][] {
  const values = plan.features.map(() => new Float64Array(queries.length))
  const statuses = plan.features.map(() => new Uint8Array(queries.length))
  const times = Float64Array.from(events, ({ time }) => time)
  replayGroup(
    plan,
    {
      count: events.length,
      entities: Int32Array.from(events, (event) => event.entity),
      times,
      visibleAt: Float64Array.from(events, ({ visibleAt }) => visibleAt),
      hiddenAt: Float64Array.from(events, ({ hiddenAt }) => hiddenAt ?? Number.POSITIVE_INFINITY),
      columns: [new Float64Array(0), times, Float64Array.from(events, ({ miles }) => miles)],
    },
    {
      count: queries.length,
      entities: Int32Array.from(queries, (query) => query.entity),
      times: Float64Array.from(queries, ({ time }) => time),
      cuts: Float64Array.from(queries, ({ cut }) => cut),
      rows: Uint32Array.from(queries.keys()).reverse(),
    },
    { values, statuses },
  )
  return queries.map((_, query) => values.map((column) => column[queries.length - 1 - query] as number))
}

test('answers go to the rows that the queries name, entities without events and events without queries in between', () => {
  const events = [
    { entity: 1, time: 10, visibleAt: 10, miles: 1 },
    { entity: 3, time: 10, visibleAt: 10, miles: 2 },
    { entity: 4, time: 10, visibleAt: 10, miles: 4 },
  ]
  const queries = [0, 1, 2, 4].map((code) => ({ entity: code, time: 11, cut: 11 }))
  const none = Number.NaN
  expect(replay(events, queries)).toEqual([
    [0, none, none],
    [1, 1, 1],
    [0, none, none],
    [1, 4, 4],
  ])
})

test('a row that comes into sight late is in its own place, and only from then on', () => {
  const events = [
    { entity: 0, time: 10, visibleAt: 90, miles: 1 },
    { entity: 0, time: 20, visibleAt: 20, miles: 2 },
    { entity: 0, time: 30, visibleAt: 95, miles: 4 },
  ]
  const queries = [
    { entity: 0, time: 25, cut: 25 },
    { entity: 0, time: 25, cut: 91 },
    { entity: 0, time: 99, cut: 95 },
    { entity: 0, time: 99, cut: 96 },
    { entity: 0, time: 20, cut: 99 },
  ]
  expect(replay(events, queries)).toEqual([
    [1, 2, 2],
    [2, 2, 3],
    [2, 2, 3],
    [3, 4, 7],
    [1, 1, 1],
  ])
})

test('a backfill that comes into sight at once is the same as rows that came in time', () => {
  const inTime = Array.from({ length: 500 }, (_, index) => ({
    entity: 0,
    time: index,
    visibleAt: index,
    miles: index % 5,
  }))
  const backfilled = inTime.map((row) => (row.time % 3 === 0 ? { ...row, visibleAt: 1000 } : row))
  const queries = [100, 250, 499, 500].map((time) => ({ entity: 0, time, cut: 1001 }))
  const before = [100, 250].map((time) => ({ entity: 0, time, cut: time }))
  expect(replay(backfilled, [...before, ...queries]).slice(2)).toEqual(replay(inTime, queries))
})

test('many queries of one entity, some of them repeated and going back, are answered as one by one', () => {
  const random = seededRandom(5)
  const events = Array.from({ length: 360 }, (_, index) => ({
    entity: 0,
    time: index * 10,
    visibleAt: random.integer(10) === 0 ? index * 10 + random.integer(300) : index * 10,
    miles: random.next(),
  }))
  const queries = Array.from({ length: 400 }, (_, index) => {
    const time = random.integer(9) === 0 ? random.integer(3600) : index * 9
    return { entity: 0, time, cut: time }
  })
  for (const log of [events, events.map((event) => ({ ...event, visibleAt: event.time }))])
    expect(replay(log, queries)).toEqual(queries.flatMap((query) => replay(log, [query])))
})

test('a row is in sight from its first cut to its last, one that is hidden before it is visible never', () => {
  const events = [
    { entity: 0, time: 10, visibleAt: 10, hiddenAt: 50, miles: 1 },
    { entity: 0, time: 20, visibleAt: 40, hiddenAt: 40, miles: 2 },
    { entity: 0, time: 20, visibleAt: 40, hiddenAt: 30, miles: 4 },
    { entity: 0, time: 30, visibleAt: 30, miles: 8 },
  ]
  const none = Number.NaN
  const queries = [10, 11, 31, 41, 50, 51, 99].map((cut) => ({ entity: 0, time: 99, cut }))
  expect(replay(events, queries)).toEqual([
    [0, none, none],
    [1, 1, 1],
    [2, 8, 9],
    [2, 8, 9],
    [2, 8, 9],
    [1, 8, 8],
    [1, 8, 8],
  ])
})

test('corrected rows are answered as one by one, whether few change between two questions or many', () => {
  const random = seededRandom(6)
  const events = Array.from({ length: 400 }, (_, index) => {
    const visibleAt = index * 10 + (random.integer(5) === 0 ? random.integer(500) : 0)
    const hiddenAt = random.integer(3) === 0 ? visibleAt + random.integer(900) - 50 : Number.POSITIVE_INFINITY
    return { entity: 0, time: index * 10, visibleAt, hiddenAt, miles: random.next() }
  })
  for (const apart of [7, 40, 900]) {
    const cuts = Array.from({ length: Math.ceil(5500 / apart) }, (_, index) => index * apart)
    const queries = cuts.map((cut) => ({ entity: 0, time: cut - random.integer(40), cut }))
    expect(replay(events, queries)).toEqual(queries.flatMap((query) => replay(events, [query])))
  }
})
