import { expect, test } from 'vitest'
import { seededRandom } from '../core/random.ts'
import { HOUR, MINUTE } from '../core/time.ts'
import {
  approximateDistinct,
  count,
  distinct,
  first,
  last,
  max,
  rate,
  skewness,
  stddev,
  sum,
} from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { decayedSum } from '../language/define/decayed-aggregations.ts'
import type { FeaturesDefinition } from '../language/define/definitions.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { mostFrequent, topK } from '../language/define/several-aggregations.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { createLiveGroup, type LiveEvent, type LiveGroup } from './live.ts'
import { planGroup } from './plan.ts'
import { type GroupState, layoutOf } from './snapshot.ts'

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
  select: { count: count().over('1h'), last: last('miles', { ttl: '1h' }), deviation: stddev('miles').over('1h') },
})
const always = features('always', {
  entity: car,
  from: trips,
  select: {
    count: count().over('lifetime'),
    sum: sum('miles').over('lifetime'),
    max: max('miles').over('lifetime'),
    distinct: distinct('miles').over('lifetime'),
    first: first('miles').over('lifetime'),
    last: last('miles').over('lifetime'),
    recent: count().over('1h'),
  },
})
const collected = features('collected', {
  entity: car,
  from: trips,
  select: {
    places: topK('miles', 2).over('lifetime'),
    usual: mostFrequent('miles', 2).over('lifetime'),
    about: approximateDistinct('miles', { precision: 4 }).over('lifetime', { delay: '30m' }),
    skew: skewness('miles').over('lifetime'),
    newest: last('miles').n(2).over('lifetime'),
    decayed: decayedSum('miles', { halfLife: '30m', hop: '10m', horizon: '1h' }).over('lifetime'),
    per_hour: rate('1h').over('lifetime'),
    session: count().over({ session: '20m', maximum: '2h' }),
  },
})

const ENTITIES = 600
const EVENTS = 12_000
const planOf = (definition: FeaturesDefinition) => planGroup(definition, trips, createDictionary())

/** Events of entities whose names are of one byte a unit or of two, late ones and ties among them. */
function someEvents(seed: number): readonly { readonly entity: string; readonly event: LiveEvent }[] {
  const random = seededRandom(seed)
  return Array.from({ length: EVENTS }, (_, position) => {
    const number = Math.floor(random.integer(ENTITIES) * (position / EVENTS))
    const eventTime = Math.floor((position * 4 * HOUR) / EVENTS / MINUTE) * MINUTE - random.integer(3) * 20 * MINUTE
    const miles = random.integer(9) === 0 ? Number.NaN : random.integer(1000) / 10
    const columns = [new Float64Array(1), Float64Array.of(eventTime), Float64Array.of(miles)]
    const name = number % 7 === 0 ? `wagen \u4e2d${number}\ud800` : `car ${number}`
    return { entity: name, event: { id: `${random.integer(100)}é`, eventTime, sequence: 0, position, columns, row: 0 } }
  })
}

interface Taken {
  readonly state: GroupState
  readonly chunks: Float64Array[]
}

function answersOf(group: LiveGroup, time: number): unknown[] {
  const values = new Float64Array(group.plan.features.length)
  const statuses = new Uint8Array(group.plan.features.length)
  return Array.from({ length: ENTITIES }, (_, number) => {
    const name = number % 7 === 0 ? `wagen \u4e2d${number}\ud800` : `car ${number}`
    return group.read(name, time, values, statuses, 0) ? [...values, ...statuses] : 'ask the log'
  })
}

test.each([
  ['bounded', recent],
  ['lifetime', always],
  ['collections', collected],
] as const)(
  '%s: a state that is written while it changes answers as of one position, wherever it is read',
  (_, definition) => {
    const events = someEvents(7)
    const plan = planOf(definition)
    const [plain, walked] = [createLiveGroup(plan, { slack: 0 }), createLiveGroup(plan, { slack: 0 })]
    const taken: Taken[] = []
    let walk: ReturnType<LiveGroup['snapshot']> | undefined
    let chunks: Float64Array[] = []
    for (const [index, { entity, event }] of events.entries()) {
      plain.apply(entity, event)
      walked.apply(entity, event)
      if (index % 1500 === 700) {
        walk = walked.snapshot()
        chunks = []
      }
      if (index % 3000 === 2999) for (const group of [plain, walked]) group.forget(event.eventTime - 2 * HOUR)
      if (walk === undefined || index % 50 !== 0) continue
      const { done, value } = walk.chunks.next()
      if (value !== undefined) chunks.push(value.slice())
      if (done !== true) continue
      taken.push({ state: walk.state, chunks })
      walk = undefined
    }
    const now = 4 * HOUR
    const expected = answersOf(plain, now)
    expect(expected.filter((answer) => Array.isArray(answer) && answer[0] > 0).length).toBeGreaterThan(100)
    expect(answersOf(walked, now)).toEqual(expected)
    expect(taken.length).toBeGreaterThan(4)
    for (const { state, chunks } of taken) {
      const restored = createLiveGroup(plan, { slack: 0 })
      restored.restore(state, chunks)
      expect(restored.position).toBe(state.position)
      for (const { entity, event } of events) restored.apply(entity, event)
      expect(answersOf(restored, now)).toEqual(expected)
      expect(restored.memory().entities).toBe(plain.memory().entities)
    }
  },
)

test('entities that nobody asks for are packed, take less, and are let go of like others', () => {
  const group = createLiveGroup(planOf(recent), { memoRows: 1 })
  const all = () => [...group.snapshot().chunks]
  for (const { entity, event } of someEvents(1)) group.apply(entity, event)
  answersOf(group, 4 * HOUR)
  const before = group.memory()
  all()
  all()
  const packed = group.memory()
  expect(packed).toMatchObject({ entities: before.entities, events: before.events })
  expect(packed.bytes).toBeLessThan(before.bytes / 1.5)
  answersOf(group, 4 * HOUR)
  expect(group.memory().bytes).toBeGreaterThan(packed.bytes)
  all()
  all()
  group.forget(10 * HOUR)
  expect(group.memory()).toMatchObject({ entities: 0, events: 0 })
  expect(answersOf(group, 2 * HOUR)[0]).toBe('ask the log')
})

test('a layout is that of a plan: what is kept of rows and windows, in its order', () => {
  expect(layoutOf(planOf(recent))).toBe(layoutOf(planOf(recent)))
  expect(layoutOf(planOf(recent))).not.toBe(layoutOf(planOf(always)))
})
