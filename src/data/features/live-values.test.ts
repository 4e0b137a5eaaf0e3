import { expect, test } from 'vitest'
import { MINUTE } from '../../core/time.ts'
import { createLiveGroup } from '../../kernel/live.ts'
import { planGroup } from '../../kernel/plan.ts'
import { count, last } from '../../language/define/aggregations.ts'
import { t } from '../../language/define/column-types.ts'
import { entity } from '../../language/define/entity.ts'
import { features } from '../../language/define/features.ts'
import { stream } from '../../language/define/stream.ts'
import { createDictionary } from '../../language/expr/dictionary.ts'
import type { EngineGroup } from './feature-engine.ts'
import { liveValues } from './live-values.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  schema: { car: t.string(), ended: t.timestamp(), miles: t.number({ nullable: true }), way: t.string() },
})
const definition = features('cars', {
  entity: entity('car', { car: t.string() }),
  from: trips,
  horizon: '3h',
  select: {
    trips: count().over('1h'),
    miles: last('miles', { ttl: '1h' }),
    way: last('way', { ttl: '1h' }),
  },
})

/** A group of so many cars: one in four without miles, and one in ten last seen before the horizon. */
function groupOf(cars: number): EngineGroup {
  const dictionary = createDictionary()
  const live = createLiveGroup(planGroup(definition, trips, dictionary))
  for (let car = 0; car < cars; car++) {
    const eventTime = car % 10 === 9 ? 0 : 200 * MINUTE
    const miles = car % 4 === 0 ? Number.NaN : car
    const columns = [[0], [eventTime], [miles], [dictionary.encode('north')]].map((column) => Float64Array.from(column))
    live.apply(`car ${car}`, { id: `${car}`, eventTime, sequence: 0, position: car, columns, row: 0 })
  }
  return { live, definition, knownAt: 200 * MINUTE } as unknown as EngineGroup
}

test('all entities of a small group are read, those of which nothing is known left out', () => {
  const group = groupOf(400)
  const now = 201 * MINUTE
  expect(group.live.sample(1000)).toHaveLength(400)
  const { at, entities, nullRate, histogram } = liveValues(group, 'miles', now)
  expect([at, entities, nullRate]).toEqual([now, 360, 100 / 360])
  expect(histogram!.counts.reduce((sum, count) => sum + count, 0)).toBe(360)
  expect(histogram!.counts.at(-1)).toBe(100)
  expect(liveValues(group, 'trips', 0).at).toBe(200 * MINUTE + 1)
  expect(liveValues(group, 'way', now)).toEqual({ at: now, entities: 360, nullRate: 0 })
})

test('of a large group a sample is read, of entities that came at any time', () => {
  const { live } = groupOf(20_000)
  const sampled = live.sample(1000).map((name) => Number(name.slice(4)))
  expect(new Set(sampled).size).toBe(sampled.length)
  expect(sampled.length).toBeGreaterThan(700)
  expect(sampled.length).toBeLessThanOrEqual(1000)
  const thirds = [0, 1, 2].map((third) => sampled.filter((car) => Math.floor((car * 3) / 20_000) === third).length)
  for (const share of thirds) expect(share).toBeGreaterThan(200)
})

test('to look at the values of entities holds none of them', () => {
  const group = groupOf(400)
  const columns = [[0], [200 * MINUTE], [1], [0]].map((column) => Float64Array.from(column))
  for (let trip = 0; trip < 60; trip++)
    group.live.apply('car 1', {
      ...{ id: `of car 1: ${trip}`, eventTime: 200 * MINUTE, sequence: 0, position: 400 + trip, columns, row: 0 },
    })
  const before = group.live.memory()
  expect(liveValues(group, 'trips', 201 * MINUTE).entities).toBe(360)
  expect(group.live.memory()).toEqual(before)
})

test('of a group without entities there is nothing to say', () => {
  expect(liveValues(groupOf(0), 'miles', 0)).toMatchObject({ entities: 0, nullRate: 0 })
  expect(liveValues(groupOf(0), 'miles', 0).histogram).toBeUndefined()
})
