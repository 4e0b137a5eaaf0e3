import { expect, test } from 'vitest'
import type { WindowStatistics } from './aggregate.ts'
import { type AggregateName, aggregateNames, aggregates } from './registry.ts'

/** The values 1, 3, 3 and a null, ten seconds before t at the latest. */
const four: WindowStatistics = {
  time: 60_000_000,
  rows: 4,
  values: 3,
  sum: 7,
  spread: 8,
  smallest: 1,
  largest: 3,
  first: 1,
  last: 3,
  lastTime: 50_000_000,
  distinct: 2,
}
const nulls: WindowStatistics = {
  ...four,
  values: 0,
  sum: 0,
  spread: 0,
  smallest: Number.NaN,
  largest: Number.NaN,
  first: Number.NaN,
  last: Number.NaN,
  distinct: 0,
}

const expected: Readonly<
  Record<AggregateName, { readonly four: number; readonly nulls: number; readonly empty: number }>
> = {
  count: { four: 4, nulls: 4, empty: 0 },
  sum: { four: 7, nulls: Number.NaN, empty: Number.NaN },
  mean: { four: 7 / 3, nulls: Number.NaN, empty: Number.NaN },
  min: { four: 1, nulls: Number.NaN, empty: Number.NaN },
  max: { four: 3, nulls: Number.NaN, empty: Number.NaN },
  variance: { four: 8 / 6, nulls: Number.NaN, empty: Number.NaN },
  stddev: { four: Math.sqrt(8 / 6), nulls: Number.NaN, empty: Number.NaN },
  share: { four: 7 / 3, nulls: Number.NaN, empty: Number.NaN },
  first: { four: 1, nulls: Number.NaN, empty: Number.NaN },
  last: { four: 3, nulls: Number.NaN, empty: Number.NaN },
  timeSinceLast: { four: 10, nulls: 10, empty: Number.NaN },
  distinct: { four: 2, nulls: 0, empty: 0 },
}

test.each(aggregateNames)('%s: over values, over nulls alone, over no rows', (name) => {
  const aggregate = aggregates[name]
  expect(aggregate.finish(four)).toBe(expected[name].four)
  expect(aggregate.finish(nulls)).toBe(expected[name].nulls)
  expect(aggregate.empty).toBe(expected[name].empty)
})

test.each(aggregateNames)('%s reads no statistic beyond those that it says it needs', (name) => {
  const read: string[] = []
  const watched = new Proxy(four, {
    get: (target, property) => {
      read.push(String(property))
      return target[property as keyof WindowStatistics]
    },
  })
  aggregates[name].finish(watched)
  expect(read.filter((statistic) => !['time', 'rows', ...aggregates[name].needs].includes(statistic))).toEqual([])
})

test('variance and stddev of one value are null', () => {
  const one = { ...four, values: 1, spread: 0 }
  expect([aggregates.variance.finish(one), aggregates.stddev.finish(one)]).toEqual([Number.NaN, Number.NaN])
})
