import { expect, test } from 'vitest'
import { approximateDistinct, count, distinct, last, max, mean, quantile, share, sum } from './aggregations.ts'
import { alerts } from './alerts.ts'
import { mistakesIn } from './check-project.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import { decayedMean, decayedSum } from './decayed-aggregations.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { request } from './request.ts'
import { between } from './row-checks.ts'
import { histogram, mostFrequent, quantiles, topK } from './several-aggregations.ts'
import { stream } from './stream.ts'
import { col, req, when } from './terms.ts'

// Every mistake below is marked as one that the compiler must find: `npm run check` fails when it does not. The tests
// hold that a project which never met the compiler is refused all the same, with the definition named.

const departures = stream('departures', {
  key: 'flight',
  time: 'scheduled_at',
  schema: { flight: t.string(), origin: t.string(), distance_mi: t.int(), scheduled_at: t.timestamp() },
})
const arrivals = stream('arrivals', {
  key: 'flight',
  time: 'arrived_at',
  schema: {
    flight: t.string(),
    origin: t.string(),
    cancelled: t.bool(),
    delay_min: t.int(),
    fare: t.decimal({ scale: 2 }),
    scheduled_at: t.timestamp(),
    arrived_at: t.timestamp(),
  },
})
const origin = entity('origin', { origin: t.string() })
const airport = entity('airport', { airport: t.string() })
const ofOrigin = { entity: origin, from: arrivals } as const
const delays = features('delays', { ...ofOrigin, select: { mean_1h: mean('delay_min').over('1h') } })
const outcome = label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude')
const split = byTime({ train: '21d', validate: '5d', test: '5d' })
const late = { predicts: 'lateness', at: departures, features: [delays], label: outcome, split }

/** Code, path and remedy of each mistake. */
function mistakes(...definitions: unknown[]): string[] {
  return mistakesIn(collectProject(definitions)).map(({ code, path, remedy }) => `${code} | ${path} | ${remedy}`)
}

test('what is right compiles and has no mistake', () => {
  const groups = [
    delays,
    features('by_airport', {
      entity: airport,
      from: arrivals,
      keys: { airport: 'origin' },
      select: {
        late: share(col('delay_min').gt(15).and(col('cancelled').not())).over('3h', { hop: '5m' }),
        cancelled: share('cancelled').over('lifetime'),
        slow: mean(col('arrived_at').subtract(col('scheduled_at')).divide(60_000_000)).over('1d'),
        fare: sum('fare').where(col('origin').in('ORD', 'MDW')).over('7d', { hop: '1h' }),
        odd: count()
          .over('1h')
          .where(col('delay_min').coalesce(0).abs().gt(col('fare'))),
        latest: max('arrived_at').over('1h'),
        paid: sum(when(col('cancelled'), 0, col('fare'))).over('1d'),
        kept: share(when(col('cancelled'), false, col('delay_min').lt(60))).over('1d'),
        usual: last(when(col('delay_min').gt(15), 'late', col('origin'))).over('1d'),
        when_late: max(when(col('delay_min').gt(15), col('arrived_at'))).over('1d'),
        either: distinct(when(col('cancelled'), col('origin'), col('flight'))).over('1d'),
      },
      expect: [between('late', 0, 1)],
    }),
  ] as const
  const timing = request('timing', {
    hour: req('scheduled_at').hour('America/Chicago'),
    miles: req('distance_mi').divide(100),
    near: req('distance_mi').lt(300),
  })
  const inputs = [
    groups[0],
    groups[1].on({ airport: 'origin' }).pick('late', 'fare'),
    timing,
    departures.pick('distance_mi'),
  ]
  const good = model('good', { ...late, time: 'scheduled_at', features: inputs, gate: { segments: ['origin'] } })
  expect(mistakes(good, alerts({ webhook: 'https://example.com/hook' }))).toEqual([])
  expect(good.features[1]).toEqual({
    kind: 'features',
    name: 'by_airport',
    keys: { airport: 'origin' },
    only: ['late', 'fare'],
  })
})

test('several features of one name: each can be read by its own, and no other', () => {
  const carriers = features('carriers', {
    ...ofOrigin,
    select: {
      recent: last('delay_min').n(2).over('1d'),
      buckets: histogram('delay_min', [0, 15]).over('7d', { hop: '1h' }),
      spread: quantiles('delay_min', { p50: 0.5, p90: 0.9 }).where(col('cancelled').not()).over('1d', { delay: '1h' }),
      delay: mean('delay_min').by('origin', ['ORD', 'MDW']).over({ rows: 5, within: '7d' }),
      steep: topK('fare', 2).by('cancelled', { gone: true }).over({ calendar: 'day', zone: 'America/Chicago' }),
      usual: mostFrequent('origin', 1).over({ session: '30m', maximum: '6h' }).describe('Where it mostly came from.'),
      decayed: decayedSum('delay_min', { halfLife: '6h' }).over('3d', { hop: '1h' }),
    },
    expect: [between('delay_ORD', 0, 100)],
  })
  const names = [
    'buckets_0',
    'buckets_1',
    'buckets_2',
    'decayed',
    'delay_MDW',
    'delay_ORD',
    'recent_1',
    'recent_2',
    'spread_p50',
    'spread_p90',
    'steep_gone_1',
    'steep_gone_2',
    'usual_1',
    'usual_1_count',
  ]
  expect(Object.keys(carriers.select)).toEqual(names)
  expect(carriers.select['steep_gone_1']).toMatchObject({ aggregate: 'nthLargest', type: 'decimal', scale: 2 })
  expect(carriers.select['usual_1']).toMatchObject({ type: 'string', description: 'Where it mostly came from.' })
  expect(carriers.select['decayed']?.parameters?.weights).toHaveLength(73)
  expect(mistakes(model('good', { ...late, features: [carriers.pick('recent_2', 'steep_gone_1')] }))).toEqual([])
  // @ts-expect-error
  const wrong = model('wrong', { ...late, features: [carriers.pick('recent_3')] })
  expect(mistakes(wrong)).toEqual(["unknown_feature | model 'wrong', features carriers | Did you mean 'recent_1'?"])
})

test.each([
  [
    'misspelt, of several features',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: topK('dealy_min', 2).over('1h') } }),
  ],
  [
    'misspelt, of a second key',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: count().by('orgin', ['X']).over('1h') } }),
  ],
  [
    'of another type, of a second key',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: count().by('origin', [1]).over('1h') } }),
  ],
  [
    'no number, of quantiles',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: quantiles('origin', { p: 0.5 }).over('1h') } }),
  ],
])('a column that is %s', (_, define) => {
  expect(mistakes(define())[0]).toMatch(/^(unknown_column|type_mismatch) \| features 'wrong', select\.a/)
})

test('parameters and windows that cannot be', () => {
  const select = {
    a: quantile('delay_min', 1.5).over('1h'),
    b: approximateDistinct('flight', { precision: 20 }).over('1h'),
    c: histogram('delay_min', [5, 5]).over('1h'),
    d: count().over({ rows: 0, within: '1h' }),
    e: count().over({ session: '1h', maximum: '1m' }),
    f: count().over({ calendar: 'day', zone: 'America/Chigaco' }),
    g: count().over('1h', { delay: '0s' }),
    h: decayedMean('delay_min', { halfLife: '1h', hop: '1ms', horizon: '1d' }).over('lifetime'),
    i: count().by('origin', ["O'Hare"]).over('1h'),
  }
  const found = mistakes(features('wrong', { ...ofOrigin, select }))
  for (const place of ['a', 'b', 'c_0', 'd', 'e', 'f', 'g', 'h', "i_O'Hare"])
    expect(found.filter((mistake) => mistake.includes(`select.${place} |`))).toHaveLength(1)
  expect(found.find((mistake) => mistake.includes('select.f'))).toContain("Did you mean 'America/Chicago'?")
  expect(() => decayedSum('delay_min', { halfLife: '1h' }).over('1d')).toThrow(/half-life, tiles and an end/)
  expect(() => last('delay_min').n(0)).toThrow(/no number of places/)
  expect(() =>
    features('wrong', { ...ofOrigin, select: { a: last('delay_min').n(1).over('1h'), a_1: count().over('1h') } }),
  ).toThrow(/Two features have this name/)
})

test('a misspelt column of a feature', () => {
  // @ts-expect-error
  const wrong = features('wrong', { ...ofOrigin, select: { a: mean('dealy_min').over('1h') } })
  expect(mistakes(wrong)).toEqual(["unknown_column | features 'wrong', select.a | Did you mean 'delay_min'?"])
})

test('a misspelt column of a condition', () => {
  // @ts-expect-error
  const wrong = features('wrong', { ...ofOrigin, select: { a: count().where(col('delay').gt(2)).over('1h') } })
  expect(mistakes(wrong)).toEqual(["unknown_column | features 'wrong', select.a | Did you mean 'delay_min'?"])
})

test.each([
  // @ts-expect-error
  ['a mean over strings', () => features('wrong', { ...ofOrigin, select: { a: mean('origin').over('1h') } })],
  // @ts-expect-error
  ['a share of a number', () => features('wrong', { ...ofOrigin, select: { a: share('delay_min').over('1h') } })],
  [
    'a number against a string',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: share(col('delay_min').eq('x')).over('1h') } }),
  ],
  [
    'a choice by a number',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: sum(when(col('delay_min'), 1, 0)).over('1h') } }),
  ],
  [
    'a choice between a number and a string',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: last(when(col('cancelled'), 1, 'x')).over('1h') } }),
  ],
  [
    'a choice of a string as a number',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: sum(when(col('cancelled'), 'x', 'y')).over('1h') } }),
  ],
  [
    'an hour of a number',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: mean(col('delay_min').hour()).over('1h') } }),
  ],
  [
    'an order of strings',
    // @ts-expect-error
    () => features('wrong', { ...ofOrigin, select: { a: share(col('origin').gt(1)).over('1h') } }),
  ],
])('%s', (_, define) => {
  expect(mistakes(define())).toEqual([expect.stringMatching(/^type_mismatch \| features 'wrong', select\.a \|/)])
})

test('a number is no condition, and a condition no number', () => {
  // @ts-expect-error
  const first = features('wrong', { ...ofOrigin, select: { a: share(col('delay_min').add(1)).over('1h') } })
  // @ts-expect-error
  const second = features('wrong', { ...ofOrigin, select: { a: sum(col('delay_min').gt(1)).over('1h') } })
  for (const wrong of [first, second]) expect(mistakes(wrong)).toEqual([expect.stringMatching(/^type_mismatch/)])
})

test('a feature without a window', () => {
  // @ts-expect-error
  const define = () => features('wrong', { ...ofOrigin, select: { a: mean('delay_min') } })
  expect(define).toThrow(expect.objectContaining({ code: 'definition_invalid', path: "features 'wrong', select.a" }))
})

test('a window that is no duration', () => {
  // @ts-expect-error
  expect(() => count().over('1 hour')).toThrow(expect.objectContaining({ code: 'invalid_duration' }))
})

test('an entity whose key the stream lacks', () => {
  // @ts-expect-error
  const wrong = features('wrong', { entity: airport, from: arrivals, select: { a: count().over('1h') } })
  expect(mistakes(wrong)).toEqual([expect.stringMatching(/^unknown_column \| features 'wrong', keys\.airport \|/)])
})

test('an entity whose key has another type in the stream', () => {
  const keys = { airport: 'delay_min' } as const
  // @ts-expect-error
  const wrong = features('wrong', { entity: airport, from: arrivals, keys, select: { a: count().over('1h') } })
  expect(mistakes(wrong)).toEqual([expect.stringMatching(/^type_mismatch \| features 'wrong', keys\.airport \|/)])
})

test('an expectation of a feature that is not selected', () => {
  const select = { late: count().over('1h') }
  // @ts-expect-error
  const wrong = features('wrong', { ...ofOrigin, select, expect: [between('lat', 0, 1)] })
  expect(mistakes(wrong)).toEqual(["unknown_column | features 'wrong', expect range | Did you mean 'late'?"])
})

test('key, time and id of a stream that are not columns, or of the wrong type', () => {
  const schema = { flight: t.string(), at: t.timestamp() }
  // @ts-expect-error
  const key = stream('wrong', { key: 'flihgt', time: 'at', schema })
  // @ts-expect-error
  const time = stream('wrong', { key: 'flight', time: 'flight', schema })
  // @ts-expect-error
  const id = stream('wrong', { key: 'flight', time: 'at', id: ['flight', 'att'], schema })
  expect(mistakes(key)[0]).toBe("unknown_column | stream 'wrong', key | Did you mean 'flight'?")
  expect(mistakes(time)[0]).toMatch(/^type_mismatch \| stream 'wrong', time \|/)
  expect(mistakes(id)).toEqual([expect.stringMatching(/^unknown_column \| stream 'wrong', id \|/)])
})

test('a picked column that is misspelt, or no number', () => {
  // @ts-expect-error
  const misspelt = model('wrong', { ...late, features: [departures.pick('distance')] })
  // @ts-expect-error
  const text = model('wrong', { ...late, features: [departures.pick('origin')] })
  expect(mistakes(misspelt)).toEqual([
    "unknown_column | model 'wrong', features pick distance | Did you mean 'distance_mi'?",
  ])
  expect(mistakes(text)).toEqual([expect.stringMatching(/^not_numeric_feature \| model 'wrong', features origin \|/)])
})

test('inputs that the row of the model cannot give', () => {
  const byAirport = features('by_airport', {
    entity: airport,
    from: arrivals,
    keys: { airport: 'origin' },
    select: { n: count().over('1h') },
  })
  // @ts-expect-error
  const keyless = model('wrong', { ...late, features: [byAirport] })
  // @ts-expect-error
  const mistyped = model('wrong', { ...late, features: [byAirport.on({ airport: 'distance_mi' })] })
  // @ts-expect-error
  const asked = model('wrong', { ...late, features: [request('asked', { hour: req('departs_at').hour() })] })
  // @ts-expect-error
  const foreign = model('wrong', { ...late, features: [arrivals.pick('delay_min')] })
  expect(mistakes(keyless)).toEqual([
    expect.stringMatching(/^unknown_column \| model 'wrong', features by_airport, key airport \|/),
  ])
  expect(mistakes(mistyped)).toEqual([
    expect.stringMatching(/^type_mismatch \| model 'wrong', features by_airport, key airport \|/),
  ])
  expect(mistakes(asked)).toEqual([expect.stringMatching(/^unknown_column \| model 'wrong', features asked.hour \|/)])
  expect(mistakes(foreign)).toEqual([
    expect.stringMatching(/^unknown_column \| model 'wrong', features pick delay_min \|/),
  ])
})

test('a feature that its group does not select', () => {
  // @ts-expect-error
  const wrong = model('wrong', { ...late, features: [delays.pick('mean_2h')] })
  expect(mistakes(wrong)).toEqual(["unknown_feature | model 'wrong', features delays | Did you mean 'mean_1h'?"])
})

test('a label over a column that is not there, joined on one that is not, or of no type to learn', () => {
  // @ts-expect-error
  const column = label(arrivals, col('delay').gt(15))
  // @ts-expect-error
  const joined = label(arrivals, col('delay_min').gt(15)).on('fligth')
  // @ts-expect-error
  const moment = label(arrivals, col('origin').coalesce('x'))
  const wrong = [column.on('flight'), joined, moment.on('flight')].map((on) =>
    // The second one is wrong for the row as well.
    model('wrong', { ...late, label: on.within('1d').absent('exclude') as typeof outcome }),
  )
  expect(mistakes(wrong[0])).toEqual(["unknown_column | model 'wrong', label | Did you mean 'delay_min'?"])
  expect(mistakes(wrong[1])[0]).toBe("unknown_column | model 'wrong', label.on | Did you mean 'flight'?")
  expect(mistakes(wrong[2])[0]).toMatch(/^type_mismatch \| model 'wrong', label \|/)
})

test('a label that says no outcome, or finds its event by a column that is called otherwise there', () => {
  // @ts-expect-error
  expect(() => label(arrivals)).toThrow(
    expect.objectContaining({
      code: 'definition_invalid',
      message: 'label of arrivals: It has no outcome.',
      remedy: expect.stringContaining("label(returns, col('refund').gt(0))"),
    }),
  )
  const landings = stream('landings', {
    key: 'number',
    time: 'landed_at',
    schema: { number: t.string(), late: t.bool(), landed_at: t.timestamp() },
  })
  // @ts-expect-error
  const joined = label(landings, col('late')).on('flight')
  const wrong = model('wrong', { ...late, label: joined.within('1d').absent('exclude') as unknown as typeof outcome })
  expect(mistakes(wrong)).toEqual([
    expect.stringMatching(/Where it is called otherwise in 'landings', name both: \.on\(\{ flight: 'COLUMN' \}\)\./),
  ])
})

test('a label that does not say what absence means', () => {
  const silent = label(arrivals, col('delay_min').gt(15)).on('flight').within('36h')
  // @ts-expect-error
  expect(() => model('wrong', { ...late, label: silent })).toThrow(
    expect.objectContaining({ code: 'definition_invalid', path: "model 'wrong', label" }),
  )
})

test('a time and a segment of a model that are no such columns', () => {
  // @ts-expect-error
  const time = model('wrong', { ...late, time: 'origin' })
  // @ts-expect-error
  const segment = model('wrong', { ...late, gate: { segments: ['orgin'] } })
  expect(mistakes(time)).toEqual([expect.stringMatching(/^type_mismatch \| model 'wrong', time \|/)])
  expect(mistakes(segment)).toEqual(["unknown_column | model 'wrong', gate.segments | Did you mean 'origin'?"])
})
