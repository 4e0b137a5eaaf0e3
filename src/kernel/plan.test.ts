import { expect, test } from 'vitest'
import { count, last, max, mean, min, sum, variance } from '../language/define/aggregations.ts'
import { t } from '../language/define/column-types.ts'
import { entity } from '../language/define/entity.ts'
import { features } from '../language/define/features.ts'
import { stream } from '../language/define/stream.ts'
import { col } from '../language/define/terms.ts'
import { createDictionary } from '../language/expr/dictionary.ts'
import { SQUARES, SUMS } from './exact-sum.ts'
import { planGroup } from './plan.ts'

const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  schema: { car: t.string(), ended: t.timestamp(), miles: t.int(), fare: t.decimal({ scale: 2 }), late: t.bool() },
})
const car = entity('car', { car: t.string() })

test('features share lanes, windows and states', () => {
  const group = features('of_car', {
    entity: car,
    from: trips,
    select: {
      a_count: count().over('1h'),
      b_sum: sum('miles').over('1h'),
      c_mean: mean('miles').over('1h'),
      d_variance: variance('miles').over('1h'),
      e_sum: sum('miles').over('2h'),
      f_min: min('miles').over('1h'),
      g_min: min('miles').over('2h'),
      h_max: max('miles').over('2h'),
    },
  })
  const plan = planGroup(group, trips, createDictionary())
  expect(plan.lanes).toHaveLength(1)
  expect(plan.windows).toHaveLength(2)
  expect(plan.moments.map(({ window, level }) => ({ window, level }))).toEqual([
    { window: 0, level: SQUARES },
    { window: 1, level: SUMS },
  ])
  expect(plan.extremes.map(({ sign, windows }) => ({ sign, windows }))).toEqual([
    { sign: 1, windows: [0, 1] },
    { sign: -1, windows: [1] },
  ])
  expect(plan.ordersTies).toBe(false)
})

test('a condition makes lanes of its own, and a last value orders ties', () => {
  const late = col('late')
  const group = features('of_car', {
    entity: car,
    from: trips,
    select: {
      a_count: count().where(late).over('1h'),
      b_mean: mean('miles').where(late).over('1h'),
      c_mean: mean('miles').over('1h'),
      d_last: last('miles', { ttl: '1h' }),
    },
  })
  const plan = planGroup(group, trips, createDictionary())
  expect(plan.lanes.map(({ where, argument }) => [where !== undefined, argument !== undefined])).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ])
  expect(plan.ordersTies).toBe(true)
})

test('a mean takes decimals as numbers, a sum keeps their units', () => {
  const select = { a_mean: mean('fare').over('1h'), b_sum: sum('fare').over('1h') }
  const plan = planGroup(features('of_car', { entity: car, from: trips, select }), trips, createDictionary())
  const columns = Object.keys(trips.schema).map((name) => Float64Array.of(name === 'fare' ? 1250 : 0))
  expect(plan.lanes.map(({ argument }) => argument?.(columns, 0))).toEqual([12.5, 1250])
})

test('the horizon is a window like any other, shared where one is as long', () => {
  const own = features('of_car', { entity: car, from: trips, select: { a: count().over('1h') } })
  const longer = features('of_car', { entity: car, from: trips, horizon: '2h', select: { a: count().over('1h') } })
  const dictionary = createDictionary()
  expect(planGroup(own, trips, dictionary).windows).toHaveLength(1)
  expect(planGroup(longer, trips, dictionary).windows).toHaveLength(2)
})
