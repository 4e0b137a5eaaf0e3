import {
  between,
  byTime,
  col,
  costs,
  count,
  entity,
  features,
  gbdt,
  label,
  mean,
  model,
  nullRate,
  override,
  req,
  request,
  share,
  stream,
  t,
} from '../../src/index.ts'

const departures = stream('departures', {
  key: 'flight',
  time: 'scheduled_at',
  owner: 'data-eng',
  description: 'Every scheduled departure of a passenger flight within the United States.',
  schema: {
    flight: t.string({ maxLength: 32 }),
    origin: t.string({ maxLength: 3 }),
    destination: t.string({ maxLength: 3 }),
    distance_mi: t.int({ min: 0, max: 6000 }),
    scheduled_at: t.timestamp(),
  },
})

const arrivals = stream('arrivals', {
  key: 'flight',
  time: 'arrived_at',
  owner: 'data-eng',
  description: 'Every arrival, when it happens, with the minutes it is late (below 0: early).',
  schema: {
    flight: t.string({ maxLength: 32 }),
    origin: t.string({ maxLength: 3 }),
    destination: t.string({ maxLength: 3 }),
    delay_min: t.int({ min: -1440, max: 3000 }),
    arrived_at: t.timestamp(),
  },
})

const origin = entity(
  'origin',
  { origin: t.string({ maxLength: 3 }) },
  { description: 'The airport a flight leaves from.' },
)
const destination = entity(
  'destination',
  { destination: t.string({ maxLength: 3 }) },
  { description: 'The airport a flight goes to.' },
)
const route = entity(
  'route',
  { origin: t.string({ maxLength: 3 }), destination: t.string({ maxLength: 3 }) },
  { description: 'A pair of airports, in this direction.' },
)

const late = col('delay_min').gt(15)

const originDelays = features('origin_delays', {
  entity: origin,
  from: arrivals,
  owner: 'data-science',
  description: 'How late flights from this airport have been running.',
  freshness: '10m',
  select: {
    mean_delay_1h: mean('delay_min').over('1h', { hop: '1m' }),
    mean_delay_3h: mean('delay_min').over('3h', { hop: '5m' }),
    mean_delay_24h: mean('delay_min').over('24h', { hop: '15m' }),
    mean_delay_7d: mean('delay_min').over('7d', { hop: '1h' }),
    late_share_1h: share(late).over('1h', { hop: '1m' }),
    late_share_3h: share(late).over('3h', { hop: '5m' }),
    late_share_24h: share(late).over('24h', { hop: '15m' }),
    late_share_7d: share(late).over('7d', { hop: '1h' }),
    arrivals_1h: count().over('1h', { hop: '1m' }),
    arrivals_3h: count().over('3h', { hop: '5m' }),
    arrivals_24h: count().over('24h', { hop: '15m' }),
    arrivals_7d: count().over('7d', { hop: '1h' }),
  },
  expect: [nullRate('mean_delay_24h').atMost(0.2), between('late_share_3h', 0, 1)],
})

const destinationDelays = features('destination_delays', {
  entity: destination,
  from: arrivals,
  owner: 'data-science',
  description: 'How late flights to this airport have been running.',
  freshness: '10m',
  select: {
    mean_delay_1h: mean('delay_min').over('1h', { hop: '1m' }),
    mean_delay_3h: mean('delay_min').over('3h', { hop: '5m' }),
    mean_delay_24h: mean('delay_min').over('24h', { hop: '15m' }),
    mean_delay_7d: mean('delay_min').over('7d', { hop: '1h' }),
    late_share_1h: share(late).over('1h', { hop: '1m' }),
    late_share_3h: share(late).over('3h', { hop: '5m' }),
    late_share_24h: share(late).over('24h', { hop: '15m' }),
    late_share_7d: share(late).over('7d', { hop: '1h' }),
    arrivals_1h: count().over('1h', { hop: '1m' }),
    arrivals_3h: count().over('3h', { hop: '5m' }),
    arrivals_24h: count().over('24h', { hop: '15m' }),
    arrivals_7d: count().over('7d', { hop: '1h' }),
  },
  expect: [nullRate('mean_delay_24h').atMost(0.2), between('late_share_3h', 0, 1)],
})

const routeDelays = features('route_delays', {
  entity: route,
  from: arrivals,
  owner: 'data-science',
  description: 'How late flights on this route have been running.',
  freshness: '1h',
  select: {
    mean_delay_24h: mean('delay_min').over('24h', { hop: '15m' }),
    mean_delay_7d: mean('delay_min').over('7d', { hop: '1h' }),
    late_share_24h: share(late).over('24h', { hop: '15m' }),
    late_share_7d: share(late).over('7d', { hop: '1h' }),
    arrivals_24h: count().over('24h', { hop: '15m' }),
    arrivals_7d: count().over('7d', { hop: '1h' }),
  },
})

const timing = request(
  'timing',
  {
    hour: req('scheduled_at').hour('America/Chicago'),
    minute: req('scheduled_at').minute('America/Chicago'),
    weekday: req('scheduled_at').dayOfWeek('America/Chicago'),
  },
  { owner: 'data-science', description: 'When the flight is to leave, on the clocks of Chicago.' },
)

export const lateFlight = model('late_flight', {
  predicts: 'probability that a flight arrives more than 15 minutes late',
  owner: 'data-science',
  at: departures,
  time: 'scheduled_at',
  features: [originDelays, destinationDelays, routeDelays, timing, departures.pick('distance_mi')],
  label: label(arrivals, late).on('flight').within('36h').absent('exclude'),
  split: byTime({ train: '24d', validate: '3d', test: '3d' }),
  trainer: gbdt({ trees: 200, depth: 6, learningRate: 0.1, minChildWeight: 20, seed: 7 }),
  gate: { metric: 'auc', baseline: 'without_windows', champion: { margin: 0.002 }, segments: ['origin'] },
  serve: {
    modes: ['realtime', 'batch', 'stream'],
    slo: { p99: '20ms', availability: 0.999 },
    // In minutes of a traveller: the same as above(0.5, 'rebook', 'keep').
    decision: costs({ rebook: { positive: 15, negative: 45 }, keep: { positive: 45, negative: 15 } }),
    overrides: [
      override({
        when: col('distance_mi').lt(75),
        ...{ decision: 'keep', reason: 'short_hop', text: 'So near a place is reached by road.' },
      }),
    ],
    fallback: { timeout: 'keep', invalid: 'keep', unavailable: 'keep' },
  },
  retrain: { schedule: '0 4 L * *' },
  card: {
    intendedUse: 'Offering passengers with tight connections another flight before theirs is late.',
    limits:
      'Learnt from flights of 2001 within the United States. Cancelled flights have no outcome and are left out. It knows nothing of the weather but what earlier delays tell.',
    owner: 'data-science',
    escalation: 'operations desk',
  },
})
