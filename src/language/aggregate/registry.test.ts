import { expect, test } from 'vitest'
import type { Aggregate, AggregateParameters, StatisticAggregate, WindowStatistics } from './aggregate.ts'
import type { Collections } from './collection.ts'
import { type AggregateName, aggregateNames, aggregates } from './registry.ts'

/** The values 1, 3, 3 and a null, ten seconds before t at the latest; and the same of nulls alone. */
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
  begin: 40_000_000,
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

const none = Number.NaN
const collected: Collections = {
  sorted: { count: 3, at: (rank) => [1, 3, 3][rank] ?? none },
  counted: {
    rowsWith: (value) => ({ 1: 1, 3: 2 })[value] ?? 0,
    mostFrequent: (nth) => [3, 1][nth - 1] ?? none,
    inOrder: (nth) => [1, 3][nth - 1] ?? none,
  },
  registers: { withRank: (rank) => ({ 0: 14, 1: 2 })[rank] ?? 0 },
  powers: { second: () => 8n, third: () => -16n, fourth: () => 96n },
  ordered: { first: (nth) => [1, 3, 3][nth - 1] ?? none, last: (nth) => [3, 3, 1][nth - 1] ?? none },
  tiles: {
    each(visit) {
      visit(2, 1, 1)
      visit(0, 6, 2)
    },
  },
}
const nothing: Collections = {
  sorted: { count: 0, at: () => none },
  counted: { rowsWith: () => 0, mostFrequent: () => none, inOrder: () => none },
  registers: { withRank: (rank) => (rank === 0 ? 16 : 0) },
  powers: { second: () => 0n, third: () => 0n, fourth: () => 0n },
  ordered: { first: () => none, last: () => none },
  tiles: { each: () => undefined },
}

const parameters: Required<AggregateParameters> = {
  nth: 2,
  quantile: 0.75,
  precision: 4,
  edges: [2, 3],
  bucket: 1,
  per: 1_000_000,
  hop: 1,
  weights: [1, 0.5, 0.25],
}

const expected: Readonly<
  Record<AggregateName, { readonly four: number; readonly nulls: number; readonly empty: number }>
> = {
  count: { four: 4, nulls: 4, empty: 0 },
  sum: { four: 7, nulls: none, empty: none },
  mean: { four: 7 / 3, nulls: none, empty: none },
  min: { four: 1, nulls: none, empty: none },
  max: { four: 3, nulls: none, empty: none },
  variance: { four: 8 / 6, nulls: none, empty: none },
  stddev: { four: Math.sqrt(8 / 6), nulls: none, empty: none },
  skewness: { four: -Math.SQRT1_2, nulls: none, empty: none },
  kurtosis: { four: -1.5, nulls: none, empty: none },
  share: { four: 7 / 3, nulls: none, empty: none },
  rate: { four: 0.2, nulls: 0.2, empty: 0 },
  first: { four: 1, nulls: none, empty: none },
  last: { four: 3, nulls: none, empty: none },
  nthFirst: { four: 3, nulls: none, empty: none },
  nthLast: { four: 3, nulls: none, empty: none },
  nthLargest: { four: 3, nulls: none, empty: none },
  nthSmallest: { four: 3, nulls: none, empty: none },
  timeSinceLast: { four: 10, nulls: 10, empty: none },
  distinct: { four: 2, nulls: 0, empty: 0 },
  approximateDistinct: { four: 2, nulls: 0, empty: 0 },
  nthDistinct: { four: 3, nulls: none, empty: none },
  nthMostFrequent: { four: 1, nulls: none, empty: none },
  nthMostFrequentCount: { four: 1, nulls: none, empty: none },
  quantile: { four: 3, nulls: none, empty: none },
  approximateQuantile: { four: 3, nulls: none, empty: none },
  bucketCount: { four: 1, nulls: 0, empty: 0 },
  decayedSum: { four: 6.25, nulls: none, empty: none },
  decayedMean: { four: 6.25 / 2.25, nulls: none, empty: none },
}

function answerOf(aggregate: Aggregate, statistics: WindowStatistics, collections: Collections): number {
  if ('needs' in aggregate) return aggregate.finish(statistics, parameters)
  return aggregate.read(collections[aggregate.collects] as never, parameters)
}

test.each(aggregateNames)('%s: over values, over nulls alone, over no rows', (name) => {
  const aggregate = aggregates[name]
  expect(answerOf(aggregate, four, collected)).toBe(expected[name].four)
  expect(answerOf(aggregate, nulls, nothing)).toBe(expected[name].nulls)
  expect(aggregate.empty).toBe(expected[name].empty)
})

const overStatistics = Object.entries<Aggregate>(aggregates).filter(
  (named): named is [string, StatisticAggregate] => 'needs' in named[1],
)

test.each(overStatistics)('%s reads no statistic beyond those that it says it needs', (_, aggregate) => {
  const read: string[] = []
  const watched = new Proxy(four, {
    get: (target, property) => {
      read.push(String(property))
      return target[property as keyof WindowStatistics]
    },
  })
  aggregate.finish(watched, parameters)
  expect(read.filter((statistic) => !['time', 'rows', ...aggregate.needs].includes(statistic))).toEqual([])
})

test.each(Object.entries<Aggregate>(aggregates))('%s reads no parameter that it does not name', (_, aggregate) => {
  const read = new Set<string>()
  const watched = new Proxy(parameters, {
    get: (target, property) => {
      read.add(String(property))
      return target[property as keyof AggregateParameters]
    },
  })
  if ('needs' in aggregate) aggregate.finish(four, watched)
  else {
    aggregate.read(collected[aggregate.collects] as never, watched)
    aggregate.encoding?.create(watched, undefined)(1)
  }
  aggregate.problem?.(watched)
  expect(aggregate.problem?.(parameters)).toBeUndefined()
  expect([...read].sort()).toEqual([...(aggregate.parameters ?? [])].sort())
})

test('variance and stddev of one value are null', () => {
  const one = { ...four, values: 1, spread: 0 }
  expect([aggregates.variance.finish(one, {}), aggregates.stddev.finish(one, {})]).toEqual([none, none])
})

test.each([
  ['nthLast', { nth: 0 }],
  ['nthLast', { nth: 1.5 }],
  ['nthLargest', { nth: 101 }],
  ['quantile', { quantile: 1.1 }],
  ['approximateQuantile', { quantile: -0.1 }],
  ['approximateDistinct', { precision: 3 }],
  ['bucketCount', { edges: [], bucket: 0 }],
  ['bucketCount', { edges: [1, 1], bucket: 0 }],
  ['bucketCount', { edges: [1], bucket: 2 }],
  ['rate', { per: 0 }],
  ['decayedSum', { hop: 0, weights: [1] }],
  ['decayedMean', { hop: 1, weights: [] }],
] as const)('%s says what is wrong with %j', (name, wrong) => {
  expect(aggregates[name].problem?.(wrong)).toMatch(/\.$/)
})

test.each(aggregateNames)('%s gives the statistic that it says it is', (name) => {
  const aggregate: Aggregate = aggregates[name]
  if (!('needs' in aggregate) || aggregate.is === undefined) return
  const { is } = aggregate
  for (const statistics of [four, nulls]) {
    const { rows, values, sum, smallest, largest, distinct } = statistics
    const plain = { rows, smallest, largest, distinct, sum: values === 0 ? none : sum, ratio: sum / values }
    expect(aggregate.finish(statistics, parameters)).toBe(plain[is])
  }
})
