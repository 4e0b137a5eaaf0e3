import { expect, test } from 'vitest'
import { approximateDistinct, count, mean } from './aggregations.ts'
import { t } from './column-types.ts'
import { entity } from './entity.ts'
import { featureFormula } from './feature-formula.ts'
import { features } from './features.ts'
import { stream } from './stream.ts'
import { col } from './terms.ts'

const trips = stream('trips', {
  key: 'trip',
  time: 'at',
  schema: { trip: t.string(), place: t.string(), miles: t.int(), at: t.timestamp() },
})

test('a feature is shown as one expression, with its window', () => {
  const { select } = features('delays', {
    entity: entity('place', { place: t.string() }),
    from: trips,
    select: {
      a: mean('miles').where(col('miles').gt(15)).over('1h', { hop: '15m' }),
      b: count().over('1h', { delay: '5m' }),
      c: count().over('lifetime'),
      d: count().over({ since: '2001-01-01' }),
      e: count().over({ calendar: 'day', zone: 'Europe/Berlin' }),
      f: count().over({ session: '30m', maximum: '1d' }),
      g: approximateDistinct('place').over({ rows: 5, within: '1d' }),
    },
  })
  expect(Object.values(select).map(featureFormula)).toEqual([
    "mean(miles).where(miles > 15).over('1h', { hop: '15m' })",
    "count().over('1h', { delay: '5m' })",
    "count().over('lifetime')",
    "count().over({ since: '2001-01-01T00:00:00Z' })",
    "count().over({ calendar: 'day', zone: 'Europe/Berlin' })",
    "count().over({ session: '30m', maximum: '1d' })",
    `approximateDistinct(place, {"precision":12}).over({ rows: 5, within: '1d' })`,
  ])
})
