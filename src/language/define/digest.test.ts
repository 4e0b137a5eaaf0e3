import { expect, test } from 'vitest'
import { count, last, mean } from './aggregations.ts'
import { nullRate } from './batch-checks.ts'
import { collectProject } from './collect-project.ts'
import { t } from './column-types.ts'
import type { FeaturesDefinition } from './definitions.ts'
import {
  digestOfEntity,
  digestOfFeatures,
  digestOfModel,
  digestOfRequest,
  digestOfStream,
  modelDifferences,
} from './digest.ts'
import { entity } from './entity.ts'
import { features } from './features.ts'
import { gbdt } from './gbdt.ts'
import { label } from './label.ts'
import { model } from './model.ts'
import { byTime } from './model-parts.ts'
import { request } from './request.ts'
import { stream } from './stream.ts'
import { col, req } from './terms.ts'

const schema = { flight: t.string(), origin: t.string(), delay_min: t.int(), gate: t.int(), arrived_at: t.timestamp() }
const arrivals = stream('arrivals', { key: 'flight', time: 'arrived_at', schema })
const origin = entity('origin', { origin: t.string() })
const select = { mean_1h: mean('delay_min').over('1h') }
const delays = features('delays', { entity: origin, from: arrivals, select })
const digest = digestOfFeatures(delays, collectProject([delays]))

function same(definition: FeaturesDefinition): boolean {
  return digestOfFeatures(definition, collectProject([definition])) === digest
}

test('prose, promises and expectations are no part of a digest', () => {
  const told = stream('arrivals', {
    key: 'flight',
    time: 'arrived_at',
    schema,
    owner: 'data',
    description: 'Landings.',
  })
  const described = { mean_1h: mean('delay_min').over('1h').describe('How late.') }
  const options = { from: told, select: described, owner: 'science', description: 'Delays.', freshness: '10m' } as const
  const airport = entity('origin', { origin: t.string() }, { description: 'An airport.' })
  expect(same(features('delays', { entity: airport, ...options, expect: [nullRate('mean_1h').atMost(0.1)] }))).toBe(
    true,
  )
  expect(digestOfStream(told)).toBe(digestOfStream(arrivals))
  expect(digestOfEntity(airport)).toBe(digestOfEntity(origin))
})

test('neither are columns that the features do not read, nor the order in which things are written', () => {
  const { gate, arrived_at, ...rest } = schema
  const other = stream('arrivals', {
    key: 'flight',
    time: 'arrived_at',
    schema: { arrived_at, ...rest },
  })
  expect(same(features('delays', { entity: origin, from: other, select }))).toBe(true)
})

test('a default that is written out changes nothing', () => {
  const knownAt = { lag: '0s' } as const
  const options = { key: ['flight'], id: ['flight', 'arrived_at'], time: 'arrived_at', schema } as const
  const other = stream('arrivals', { ...options, knownAt, ahead: '5m', corrections: { within: '7d' } })
  expect(
    same(features('delays', { entity: origin, from: other, select, keys: { origin: 'origin' }, horizon: '1h' })),
  ).toBe(true)
})

test.each([
  [
    'the window',
    features('delays', { entity: origin, from: arrivals, select: { mean_1h: mean('delay_min').over('2h') } }),
  ],
  [
    'a hop',
    features('delays', {
      entity: origin,
      from: arrivals,
      select: { mean_1h: mean('delay_min').over('1h', { hop: '1m' }) },
    }),
  ],
  ['the column', features('delays', { entity: origin, from: arrivals, select: { mean_1h: mean('gate').over('1h') } })],
  [
    'a condition',
    features('delays', {
      entity: origin,
      from: arrivals,
      select: { mean_1h: mean('delay_min').where(col('gate').gt(1)).over('1h') },
    }),
  ],
  [
    'another feature',
    features('delays', { entity: origin, from: arrivals, select: { ...select, n: count().over('1h') } }),
  ],
  ['the horizon', features('delays', { entity: origin, from: arrivals, select, horizon: '2h' })],
  ['the key', features('delays', { entity: entity('origin', { flight: t.string() }), from: arrivals, select })],
  [
    'the column that carries the key',
    features('delays', { entity: origin, from: arrivals, select, keys: { origin: 'flight' } }),
  ],
  [
    'a type that is read',
    features('delays', {
      entity: origin,
      from: stream('arrivals', {
        key: 'flight',
        time: 'arrived_at',
        schema: { ...schema, delay_min: t.int({ max: 100 }) },
      }),
      select,
    }),
  ],
  [
    'a lag',
    features('delays', {
      entity: origin,
      from: stream('arrivals', { key: 'flight', time: 'arrived_at', schema, knownAt: { lag: '1h' } }),
      select,
    }),
  ],
  [
    'what identifies an event',
    features('delays', {
      entity: origin,
      from: stream('arrivals', { key: 'flight', id: 'flight', time: 'arrived_at', schema }),
      select,
    }),
  ],
])('%s changes the digest of features', (_, definition) => {
  expect(same(definition)).toBe(false)
})

test('request features have a digest for the rows that they read', () => {
  const timing = request('timing', { hour: req('arrived_at').hour('America/Chicago') })
  const { gate, ...rest } = schema
  expect(digestOfRequest(timing, rest)).toBe(digestOfRequest(timing, schema))
  const utc = request('timing', { hour: req('arrived_at').hour() })
  expect(digestOfRequest(utc, schema)).not.toBe(digestOfRequest(timing, schema))
})

test("a model's digest follows all that it reads, its label, its trainer and its decision, and no prose", () => {
  const options = {
    predicts: 'lateness',
    at: arrivals,
    features: [delays, arrivals.pick('gate'), request('timing', { hour: req('arrived_at').hour() })],
    label: label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude'),
    split: byTime({ train: '21d', validate: '5d', test: '5d' }),
  }
  const digestWith = (changes: object): string => {
    const definition = model('late', { ...options, ...changes })
    return digestOfModel(definition, collectProject([definition]))
  }
  const plain = digestWith({})
  expect(
    digestWith({ predicts: 'delay', owner: 'me', card: { limits: 'many' }, trainer: gbdt(), servingLag: '0s' }),
  ).toBe(plain)
  const changed = [
    digestWith({ trainer: gbdt({ seed: 8 }) }),
    digestWith({ servingLag: '1m' }),
    digestWith({ features: [delays] }),
    digestWith({
      features: [
        features('delays', { entity: origin, from: arrivals, select: { mean_1h: last('delay_min', { ttl: '1h' }) } }),
      ],
    }),
    digestWith({ label: label(arrivals, col('delay_min').gt(16)).on('flight').within('36h').absent('exclude') }),
    digestWith({ label: label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent(false) }),
    digestWith({ serve: { fallback: 'keep' } }),
  ]
  expect(new Set([plain, ...changed]).size).toBe(changed.length + 1)
})

test('what two definitions of a model mean differently is told by its parts', () => {
  const options = {
    predicts: 'lateness',
    at: arrivals,
    features: [delays, arrivals.pick('gate')],
    label: label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude'),
    split: byTime({ train: '21d', validate: '5d', test: '5d' }),
  }
  const made = (changes: object) => {
    const definition = model('late', { ...options, ...changes })
    return [definition, collectProject([definition])] as const
  }
  const differences = (changes: object) => modelDifferences(made({}), made(changes))
  expect(differences({ predicts: 'delay', owner: 'me' })).toEqual([])
  expect(differences({ trainer: gbdt({ seed: 8 }), servingLag: '1m' })).toEqual(['servingLag', 'trainer'])
  expect(differences({ features: [delays] })).toEqual(['features gate'])
  expect(differences({ features: [arrivals.pick('gate'), delays] })).toEqual(['order of the features'])
  const others = features('delays', {
    entity: origin,
    from: arrivals,
    select: { mean_1h: last('delay_min', { ttl: '1h' }) },
  })
  expect(differences({ features: [others, arrivals.pick('gate')] })).toEqual(['features delays'])
  const later = label(arrivals, col('delay_min').gt(16)).on('flight').within('36h').absent('exclude')
  expect(differences({ label: later })).toEqual(['label'])
})
