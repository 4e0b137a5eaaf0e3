import { expect, test } from 'vitest'
import type { Feature, SeveralAggregations } from './aggregation.ts'
import { count, first, last, mean, quantile, rate, share, timeSinceLast } from './aggregations.ts'
import { decayedMean } from './decayed-aggregations.ts'
import type { FeatureDefinition } from './definitions.ts'
import { describeExpression, describeFeature } from './logic.ts'
import { histogram, mostFrequent, uniqueValues } from './several-aggregations.ts'
import { col, when } from './terms.ts'

test.each([
  [col('delay_min').gt(15), 'delay_min > 15'],
  [col('a').subtract(col('b').subtract(1)), 'a - (b - 1)'],
  [col('a').subtract(col('b')).subtract(1), 'a - b - 1'],
  [col('a').add(1).multiply(col('b')), '(a + 1) * b'],
  [col('a').add(col('b').multiply(2)), 'a + b * 2'],
  [col('p').or(col('q')).and(col('a').lte(2)), '(p or q) and a <= 2'],
  [col('a').gt(1).and(col('b').gt(2)).not(), 'not (a > 1 and b > 2)'],
  [col('origin').in('ORD', 'DFW'), 'origin in ("ORD", "DFW")'],
  [col('a').between(1, 2).or(col('a').isNull()), 'a between 1 and 2 or a is null'],
  [col('at').hour('Europe/Berlin'), 'hour(at, "Europe/Berlin")'],
  [col('a').coalesce(0).abs(), 'abs(coalesce(a, 0))'],
  [when(col('a').gt(1), col('b'), 0).add(1), 'if(a > 1, b, 0) + 1'],
  [when(col('a').gt(1), 'late'), 'if(a > 1, "late")'],
])('%# an expression as a formula', ({ expression }, text) => {
  expect(describeExpression(expression)).toBe(text)
})

test.each([
  [mean('delay_min').over('1h'), 'mean of delay_min over the last 1h'],
  [
    share(col('delay_min').gt(15)).over('3h', { hop: '5m' }),
    'share of delay_min > 15 over the last 3h, moved on every 5m',
  ],
  [count().over('lifetime'), 'number of rows over all time'],
  [count().where(col('origin').eq('ORD')).over('7d'), 'number of rows where origin = "ORD" over the last 7d'],
  [last('delay_min', { ttl: '2h' }), 'last value of delay_min over the last 2h'],
  [timeSinceLast().over('1d'), 'seconds since the last row over the last 1d'],
  [count().over('1d', { delay: '2h' }), 'number of rows over the last 1d, as of 2h before'],
  [count().over({ since: '2026-01-01' }), 'number of rows since 2026-01-01T00:00:00Z'],
  [count().over({ calendar: 'week' }), 'number of rows since the week began in UTC'],
  [count().over({ session: '30m', maximum: '6h' }), 'number of rows over the session (pauses up to 30m, at most 6h)'],
  [rate('1m').over('1h'), 'number of rows per 1m over the last 1h'],
  [quantile('delay_min', 0.9).over('1h'), '0.9 quantile of delay_min over the last 1h'],
  [
    decayedMean('delay_min', { halfLife: '6h' }).over('3d', { hop: '1h' }),
    'decayed mean of delay_min (weights from 1 to 0.00024 in 73 tiles of 1h) over the last 3d, moved on every 1h',
  ],
  [mean('delay_min').over({ rows: 5, within: '7d' }), 'mean of delay_min over the last 5 rows of 7d'],
] as [Feature<never>, string][])('%# a feature in words', ({ feature }, text) => {
  expect(describeFeature({ ...feature, type: 'number' } satisfies FeatureDefinition)).toBe(text)
})

test.each([
  [last('delay_min').n(2), ['last value of delay_min', '2nd last value of delay_min']],
  [first('delay_min').n(2), ['1st value of delay_min', '2nd value of delay_min']],
  [
    mostFrequent('origin', 1),
    ['most frequent value of origin', 'number of rows with the most frequent value of origin'],
  ],
  [uniqueValues('origin', 1), ['1st of the different values of origin, in ascending order,']],
  [
    histogram('delay_min', [0, 15]),
    [
      'number of values of delay_min below 0',
      'number of values of delay_min from 0 to below 15',
      'number of values of delay_min from 15',
    ],
  ],
  [count().by('origin', ['ORD']), ['number of rows where origin = "ORD"']],
])('%# several features in words', (aggregations, texts) => {
  const { features } = (aggregations as SeveralAggregations<never, string>).over('1h')
  const words = Object.values(features).map((feature) => describeFeature({ ...feature, type: 'number' }))
  expect(words).toEqual(texts.map((text) => `${text} over the last 1h`))
})
