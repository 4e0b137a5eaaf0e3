import { count, entity, features, last, mean, stream, t } from '../../src/index.ts'

/** Meters told by a whole number, with a promise of how fresh their features are. */
export const readings = stream('readings', {
  key: 'reading',
  time: 'at',
  schema: {
    reading: t.int(),
    meter: t.int(),
    site: t.string(),
    level: t.number({ nullable: true }),
    at: t.timestamp(),
  },
})

export const meters = features('meters', {
  entity: entity('meter', { meter: t.int() }),
  from: readings,
  freshness: '10m',
  select: { rows: count().over('2h'), mean: mean('level').over('2h'), site: last('site', { ttl: '2h' }) },
})

export const sites = features('sites', {
  entity: entity('site', { site: t.string(), meter: t.int() }),
  from: readings,
  select: { rows: count().over('1d') },
})
