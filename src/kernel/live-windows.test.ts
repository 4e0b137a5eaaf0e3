import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../core/time.ts'
import { approximateQuantile, count, last, quantile, rate, sum } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { decayedSum } from '../language/define/decayed-aggregations.ts'
import type { FeaturesDefinition } from '../language/define/definitions.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { createLiveGroup } from './live.ts'
import { planGroup } from './plan.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  corrections: { within: '1h' },
  schema: { car: t.string(), ended: t.timestamp(), miles: t.int() },
})
const car = entity('car', { car: t.string() })

const START = HOUR

/** A group that holds no more than it must, with a row for each minute from the start on, of as many miles. */
function groupOf(definition: FeaturesDefinition, minutes: number) {
  const plan = planGroup(definition, trips, createDictionary())
  const group = createLiveGroup(plan, { slack: 0 })
  for (let minute = 0; minute < minutes; minute++) {
    const eventTime = START + minute * MINUTE
    const columns = [new Float64Array(1), Float64Array.of(eventTime), Float64Array.of(minute)]
    group.apply('a', { id: `${minute}`, eventTime, sequence: 0, position: minute, columns, row: 0 })
  }
  const values = new Float64Array(plan.features.length)
  const statuses = new Uint8Array(plan.features.length)
  return { group, read: (time: number) => (group.read('a', time, values, statuses, 0) ? [...values] : undefined) }
}

test('a lifetime that is sealed whole still begins with its first row, and knows its last ones and its quantiles', () => {
  const definition = features('sealed', {
    entity: car,
    from: trips,
    select: {
      a: rate('1h').over('lifetime'),
      b: last('miles').n(2).over('lifetime'),
      c: quantile('miles', 0.25).over('lifetime'),
      d: approximateQuantile('miles', 0.5).over('lifetime'),
    },
  })
  const { group, read } = groupOf(definition, 1001)
  group.forget(1000 * HOUR)
  expect(group.memory().events).toBe(0)
  const [perHour, newest, before, quarter, half = 0] = read(START + 2002 * HOUR) ?? []
  expect([perHour, newest, before, quarter]).toEqual([0.5, 1000, 999, 250])
  expect(Math.abs(half - 500)).toBeLessThan(4)
})

test('a delay and a decay keep the rows that they need', () => {
  const definition = features('kept', {
    entity: car,
    from: trips,
    select: {
      a: count().over('lifetime', { delay: '3h' }),
      b: decayedSum('miles', { halfLife: '1h', hop: '1h', horizon: '5h' }).over('lifetime'),
      c: sum('miles').over('10m', { delay: '4h' }),
    },
  })
  const { group, read } = groupOf(definition, 2000)
  expect(group.memory().events).toBeLessThan(800)
  const now = START + 2000 * MINUTE
  const miles = Array.from({ length: 2000 }, (_, minute) => minute)
  const hours = [1, 0.5, 0.25, 0.125, 0.0625, 0.03125].map((weight, age) => {
    const hour = Math.floor(2000 / 60) - age
    return weight * miles.slice(hour * 60, hour * 60 + 60).reduce((left, right) => left + right, 0)
  })
  const [all, decayed = 0, late] = read(now) ?? []
  expect([all, late]).toEqual([1820, miles.slice(1750, 1760).reduce((left, right) => left + right, 0)])
  expect(decayed).toBeCloseTo(
    hours.reduce((left, right) => left + right, 0),
    6,
  )
})

test('a session ends by itself, and the last rows stay until they are too old', () => {
  const definition = features('ends', {
    entity: car,
    from: trips,
    select: {
      a: count().over({ session: '5m', maximum: '30m' }),
      b: sum('miles').over({ rows: 3, within: '2h' }),
      c: count().over({ calendar: 'hour' }),
    },
  })
  const { read } = groupOf(definition, 100)
  const last = START + 99 * MINUTE
  expect(read(last + 1)).toEqual([30, 97 + 98 + 99, 40])
  expect(read(last + 5 * MINUTE)).toEqual([26, 97 + 98 + 99, 40])
  expect(read(last + 5 * MINUTE + 1)).toEqual([0, 97 + 98 + 99, 40])
  expect(read(last + 119 * MINUTE)).toEqual([0, 98 + 99, 0])
  expect(read(last + 2 * HOUR + 1)).toEqual([0, Number.NaN, 0])
})
