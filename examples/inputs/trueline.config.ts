import {
  byTime,
  col,
  count,
  derived,
  encode,
  entity,
  feature,
  features,
  label,
  mean,
  model,
  req,
  request,
  stream,
  t,
  table,
} from '../../src/index.ts'

// Everything that a model can read, in one project: the page docs/guide/inputs.md goes through it.

const departures = stream('departures', {
  key: 'flight',
  time: 'scheduled_at',
  ahead: '60d',
  description: 'Every scheduled departure.',
  schema: {
    flight: t.string(),
    carrier: t.string(),
    origin: t.string(),
    destination: t.string(),
    distance_mi: t.int({ min: 0, max: 6000 }),
    scheduled_at: t.timestamp(),
  },
})

const arrivals = stream('arrivals', {
  key: 'flight',
  time: 'arrived_at',
  description: 'Every landing, with how late it was.',
  schema: {
    flight: t.string(),
    origin: t.string(),
    destination: t.string(),
    delay_min: t.int({ min: -120, max: 3000 }),
    arrived_at: t.timestamp(),
  },
})

const airport = entity('airport', { airport: t.string() })

const delays = features('delays', {
  entity: airport,
  from: arrivals,
  keys: { airport: 'origin' },
  select: { mean_1h: mean('delay_min').over('1h'), landed_3h: count().over('3h', { hop: '5m' }) },
})

const airports = table('airports', {
  key: 'airport',
  description: 'What an airport has, and since when.',
  schema: {
    airport: t.string(),
    runways: t.int({ min: 0 }),
    region: t.string(),
    valid_from: t.timestamp(),
    valid_to: t.timestamp({ nullable: true }),
  },
  validFrom: 'valid_from',
  validTo: 'valid_to',
})

const carriers = table('carriers', {
  key: 'carrier',
  static: true,
  schema: { carrier: t.string(), fleet: t.int({ min: 0 }) },
})

const timing = request('timing', { hour: req('scheduled_at').hour('America/Chicago') })

const here = delays.on({ airport: 'origin' })
const there = delays.on({ airport: 'destination' })
const from = airports.on({ airport: 'origin' })
const to = airports.on({ airport: 'destination' }, 'arriving_at')

const pressure = derived('pressure', {
  description: 'How busy the airports are, against each other and against what they have.',
  select: {
    ratio: feature(here, 'mean_1h').divide(feature(there, 'mean_1h')),
    per_runway: feature(here, 'landed_3h').divide(feature(from, 'runways')),
    rush: feature(timing, 'hour').between(7, 9).and(feature(here, 'landed_3h').gt(40)),
    per_mile: feature(here, 'mean_1h').divide(req('distance_mi')),
  },
})

export const lateFlight = model('late_flight', {
  predicts: 'probability that a flight arrives more than 15 minutes late',
  at: departures,
  time: 'scheduled_at',
  features: [
    here,
    pressure,
    from.pick('runways'),
    to.pick('runways'),
    carriers,
    departures.pick('distance_mi'),
    encode.oneHot(departures.pick('carrier'), { most: 12 }),
    encode.target(departures.pick('origin', 'destination'), { smoothing: 50 }),
    encode.ordinal(to.pick('region'), { order: ['west', 'middle', 'east'] }),
    encode.bucket(timing.pick('hour'), { edges: [6, 10, 16, 20] }),
    encode.scale(departures.pick('distance_mi'), 'robust'),
  ],
  label: label(arrivals, col('delay_min').gt(15)).on('flight').within('36h').absent('exclude'),
  split: byTime({ train: '21d', validate: '5d', test: '5d' }),
})
