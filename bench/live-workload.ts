// What both sides of the live benchmark are given: definitions, events and questions, made alike in every process.
import type { Random } from '../src/core/random.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../src/core/time.ts'
import { count, entity, features, last, max, mean, min, stddev, stream, sum, t } from '../src/index.ts'
import type { LiveEvent } from '../src/kernel/live.ts'
import type { EventColumns, QueryColumns } from '../src/kernel/replay.ts'

const windows = ['1h', '3h', '24h', '7d'] as const
const columns = ['fare', 'miles'] as const

export const trips = stream('trips', {
  key: 'car',
  time: 'ended',
  schema: { car: t.string(), ended: t.timestamp(), fare: t.number(), miles: t.number() },
})
const car = entity('car', { car: t.string() })
const names = Object.keys(trips.schema)
const [fare, miles] = [names.indexOf('fare'), names.indexOf('miles')]

export const tenFeatures = features('ten', {
  entity: car,
  from: trips,
  select: {
    ...each(windows, (window) => ({
      [`count_${window}`]: count().over(window),
      [`mean_fare_${window}`]: mean('fare').over(window),
    })),
    max_fare_24h: max('fare').over('24h'),
    last_fare: last('fare', { ttl: '24h' }),
  },
})

export const fiftyFeatures = features('fifty', {
  entity: car,
  from: trips,
  select: {
    ...each(columns, (column) => ({
      ...each(windows, (window) => ({
        [`count_${column}_${window}`]: count().over(window),
        [`sum_${column}_${window}`]: sum(column).over(window),
        [`mean_${column}_${window}`]: mean(column).over(window),
        [`stddev_${column}_${window}`]: stddev(column).over(window),
        [`min_${column}_${window}`]: min(column).over(window),
        [`max_${column}_${window}`]: max(column).over(window),
      })),
      [`last_${column}`]: last(column, { ttl: '24h' }),
    })),
  },
})

/** What is replayed: sums of numbers that are no whole ones, over each window. */
export const sums = features('sums', {
  entity: car,
  from: trips,
  select: each(windows, (window) => ({ [`sum_fare_${window}`]: sum('fare').over(window) })),
})

function each<Item, Made extends object>(items: readonly Item[], make: (item: Item) => Made): Made {
  return Object.assign({}, ...items.map(make)) as Made
}

/** Time that the live events fill, and the replayed ones. */
export const LIVE_SPAN = 7 * DAY
const REPLAY_SPAN = 30 * DAY

/** Events that a caller writes into one after another, as ingest does. */
export interface EventBatch {
  readonly entities: readonly string[]
  readonly events: readonly LiveEvent[]
}

/** The next `length` events after position `from` of `total`, of entities drawn from `cars`. */
export function drawBatch(
  random: Random,
  cars: readonly string[],
  from: number,
  length: number,
  total: number,
): EventBatch {
  const values = names.map(() => new Float64Array(length))
  const events = Array.from({ length }, (_, row): LiveEvent => {
    values[fare]![row] = random.next() * 100
    values[miles]![row] = random.integer(200)
    const position = from + row
    const eventTime = Math.floor((position * LIVE_SPAN) / total)
    return { id: `trip ${position}`, eventTime, sequence: 0, position, columns: values, row }
  })
  return { entities: events.map(() => cars[random.integer(cars.length)]!), events }
}

interface ReplayedRow {
  readonly entity: number
  readonly time: number
  readonly visibleAt: number
  readonly hiddenAt: number
  readonly fare: number
}

/** Events of 100 entities that all come a second after their time. */
export function eventsInOrder(random: Random, count: number): EventColumns {
  return eventColumns(Array.from({ length: count }, (_, index) => drawRow(random, index, count, SECOND)))
}

/**
 * The same with late events (nine in a hundred up to five minutes, one up to two hours) and corrections: one in a hundred
 * is superseded within three days, one of five of them by nothing, the others by a row up to ten minutes away.
 */
export function eventsLateAndCorrected(random: Random, count: number): EventColumns {
  const rows: ReplayedRow[] = []
  for (let index = 0; index < count; index += 1) {
    const chance = random.next()
    const lag = chance < 0.01 ? 2 * HOUR * random.next() : chance < 0.1 ? 5 * MINUTE * random.next() : SECOND
    const row = drawRow(random, index, count, Math.floor(lag))
    if (random.integer(100) > 0) {
      rows.push(row)
      continue
    }
    const hiddenAt = row.visibleAt + Math.floor(3 * DAY * random.next())
    rows.push({ ...row, hiddenAt })
    const time = row.time + (random.integer(1200) - 600) * SECOND
    if (random.integer(5) > 0) rows.push({ ...row, time, visibleAt: hiddenAt, fare: row.fare / 2 })
  }
  return eventColumns(rows)
}

function drawRow(random: Random, index: number, count: number, lag: number): ReplayedRow {
  const time = Math.floor((index * REPLAY_SPAN) / count)
  return {
    entity: random.integer(100),
    time,
    visibleAt: time + lag,
    hiddenAt: Number.POSITIVE_INFINITY,
    fare: random.next() * 100,
  }
}

function eventColumns(rows: readonly ReplayedRow[]): EventColumns {
  const sorted = rows.toSorted((a, b) => a.entity - b.entity || a.time - b.time)
  const hiddenAt = Float64Array.from(sorted, (row) => row.hiddenAt)
  return {
    count: sorted.length,
    entities: Int32Array.from(sorted, ({ entity }) => entity),
    times: Float64Array.from(sorted, ({ time }) => time),
    visibleAt: Float64Array.from(sorted, ({ visibleAt }) => visibleAt),
    ...(hiddenAt.every((time) => time === Number.POSITIVE_INFINITY) ? {} : { hiddenAt }),
    columns: names.map((name) => Float64Array.from(name === 'fare' ? sorted : [], (row) => row.fare)),
  }
}

/** Questions about the same entities over the same time, each about what is known then. */
export function questions(random: Random, count: number): QueryColumns {
  const rows = Array.from({ length: count }, (_, row) => ({
    row,
    entity: random.integer(100),
    time: Math.floor((row * REPLAY_SPAN) / count),
  })).sort((a, b) => a.entity - b.entity || a.time - b.time)
  const times = Float64Array.from(rows, ({ time }) => time)
  return {
    count,
    entities: Int32Array.from(rows, ({ entity }) => entity),
    times,
    cuts: times,
    rows: Uint32Array.from(rows, ({ row }) => row),
  }
}
