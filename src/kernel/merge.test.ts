import { expect, test } from 'vitest'
import { HOUR } from '../core/time.ts'
import { count } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { topK } from '../language/define/several-aggregations.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { createLiveGroup, type EntityEvent, type LiveGroup } from './live.ts'
import { planGroup } from './plan.ts'

// Random splits of random logs are tried by tests/laws/merge.ts; here is what it can hardly see.

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  corrections: { within: '1h' },
  schema: { car: t.string(), ended: t.timestamp(), miles: t.int() },
})
const car = entity('car', { car: t.string() })
const dictionary = createDictionary()
const always = planGroup(
  features('always', { entity: car, from: trips, select: { longest: topK('miles', 2).over('lifetime') } }),
  trips,
  dictionary,
)
const recent = planGroup(
  features('recent', { entity: car, from: trips, select: { trips: count().over('1h') } }),
  trips,
  dictionary,
)

function trip(position: number, miles: number, eventTime = position): EntityEvent {
  const columns = [Float64Array.of(0), Float64Array.of(eventTime), Float64Array.of(miles)]
  return { entity: 'car', event: { id: `${position}`, eventTime, sequence: 0, position, columns, row: 0 } }
}

function mergeInto(group: LiveGroup, other: LiveGroup): void {
  const { state, chunks } = other.snapshot()
  group.merge(
    state,
    [...chunks].filter((chunk) => chunk !== undefined),
  )
}

function read(group: LiveGroup, time: number): readonly number[] | undefined {
  const values = new Float64Array(group.plan.features.length)
  return group.read('car', time, values, new Uint8Array(values.length), 0) ? [...values] : undefined
}

test('a merged group has applied what either of the two has', () => {
  const [first, second] = [createLiveGroup(recent), createLiveGroup(recent)]
  for (const position of [0, 2]) first.apply('car', trip(position, 1).event)
  for (const position of [1, 5]) second.apply('car', trip(position, 1).event)
  mergeInto(first, second)
  expect(first.position).toBe(5)
  expect(first.apply('car', trip(5, 1).event)).toBe(false)
  expect(read(first, HOUR)).toEqual([4])
})

test('what either has let go of is asked of the log', () => {
  const [first, second] = [createLiveGroup(recent), createLiveGroup(recent)]
  first.apply('car', trip(0, 1).event)
  second.apply('car', trip(1, 1).event)
  second.forget(4 * HOUR)
  mergeInto(first, second)
  expect(read(first, 10)).toBeUndefined()
  expect(read(first, 5 * HOUR)).toEqual([0])
})

test('of values that only the ends are kept of, none is taken away unnoticed after a merge', () => {
  const [first, second] = [createLiveGroup(always), createLiveGroup(always)]
  const milesAt = (position: number) => 90 - 2 * Math.abs(position - 40) - (position > 40 ? 1 : 0)
  for (let position = 0; position < 80; position += 1) second.apply('car', trip(position, milesAt(position)).event)
  second.forget(2 * HOUR)
  mergeInto(first, second)
  expect(read(first, 3 * HOUR)).toEqual([90, 88])
  first.correct(80, trip(20, milesAt(20)), undefined)
  expect(read(first, 3 * HOUR)).toEqual([90, 88])
  // The third largest is held no longer.
  first.correct(81, trip(40, milesAt(40)), undefined)
  expect(read(first, 3 * HOUR)).toBeUndefined()
})
