// Flights as tables of 34 numeric columns, for benchmarks that need one before or beside the
// platform: windowed delays per airport and route, known at the scheduled departure, and what the schedule itself says.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

const source = resolve(import.meta.dirname, '../node_modules/vega-datasets/data/flights-3m.parquet')
const HOUR = 60
const DAY = 24 * HOUR
/** Entities that flights are grouped by, with the windows (minutes) of each. */
const groups = [
  { name: 'origin', windows: [HOUR, 3 * HOUR, DAY, 7 * DAY] },
  { name: 'destination', windows: [HOUR, 3 * HOUR, DAY, 7 * DAY] },
  { name: 'route', windows: [DAY, 7 * DAY] },
] as const

/** A table in files of float32: the features column after column, and the labels (1: more than 15 minutes late). */
export interface TableFiles {
  readonly rows: number
  readonly columns: readonly string[]
  /** Those of the columns that hold numbers of categories. */
  readonly categorical?: readonly string[]
  readonly features: string
  readonly labels: string
}

interface Flights {
  readonly rows: number
  /** Scheduled departure and landing, in minutes since 1 January. */
  readonly departure: Float64Array
  readonly landing: Float64Array
  readonly delay: Float64Array
  readonly distance: Float64Array
  readonly keys: Readonly<Record<(typeof groups)[number]['name'], Float64Array>>
}

/** A table to train on and one that is held out. */
export interface FlightsTables {
  /** The file that says both. */
  readonly file: string
  readonly train: TableFiles
  readonly test: TableFiles
}

/** Columns of the categorical tables that hold the numbers of categories. */
const CATEGORICAL = ['origin', 'destination'] as const
const MONTHS = 6
/** Of the large table every such row is held out, and of January. */
const LARGE_HELD_OUT = 20
const JANUARY_HELD_OUT = 4

/** Makes the tables of January (to train on) and February (held out) in `folder`, once. */
export async function flightsTables(folder: string): Promise<FlightsTables> {
  return await kept(folder, 'tables.json', async () => {
    const flights = await readFlights('2001-01-01', '2001-03-01')
    return januaryAndFebruary(folder, flights, featureColumns(flights))
  })
}

/**
 * January; a quarter of the rows, which is another one from round to round, is held out.
 * @param kind whether the airports are columns besides, as categories
 */
export async function quarterTables(
  folder: string,
  round: number,
  kind: 'numbers' | 'categorical',
): Promise<FlightsTables> {
  const quarter = round % JANUARY_HELD_OUT
  const isHeldOut = (row: number): boolean => row % JANUARY_HELD_OUT === quarter
  const categorical = kind === 'categorical' ? CATEGORICAL : []
  return await kept(folder, `${kind}-${quarter}.json`, async () => {
    const flights = await readFlights('2001-01-01', '2001-02-01')
    const columns = featureColumns(flights)
    for (const name of categorical) columns.set(name, Float32Array.from(flights.keys[name]))
    const labels = labelsOf(flights.delay)
    const part = (path: string, isIn: (row: number) => boolean): TableFiles => {
      const pick = (column: Float32Array): Float32Array => column.filter((_, row) => isIn(row))
      const features = [...columns.values()].map((column) => [pick(column)])
      const files = writeFiles(join(folder, path), [...columns.keys()], features, [pick(labels)])
      return categorical.length === 0 ? files : { ...files, categorical }
    }
    return {
      train: part(`${kind}-${quarter}-train`, (row) => !isHeldOut(row)),
      test: part(`${kind}-${quarter}-test`, isHeldOut),
    }
  })
}

/** Makes the table of the first half of the year, three million rows, of which every twentieth is held out, others from round to round; once. */
export async function largeTables(folder: string, round: number): Promise<FlightsTables> {
  const heldOut = round % LARGE_HELD_OUT
  return await kept(folder, `large-${heldOut}.json`, async () => {
    const months: { readonly flights: Flights; readonly columns: Map<string, Float32Array> }[] = []
    for (let month = 1; month <= MONTHS; month += 1) {
      const flights = await readFlights(`2001-0${month}-01`, `2001-0${month + 1}-01`)
      months.push({ flights, columns: featureColumns(flights) })
    }
    const part = (path: string, isIn: (row: number) => boolean): TableFiles => {
      const pick = (column: Float32Array): Float32Array => column.filter((_, row) => isIn(row))
      const names = [...months[0]!.columns.keys()]
      const features = names.map((name) => months.map(({ columns }) => pick(columns.get(name)!)))
      const labels = months.map(({ flights }) => pick(labelsOf(flights.delay)))
      return writeFiles(join(folder, path), names, features, labels)
    }
    return {
      train: part(`large-${heldOut}-train`, (row) => row % LARGE_HELD_OUT !== heldOut),
      test: part(`large-${heldOut}-test`, (row) => row % LARGE_HELD_OUT === heldOut),
    }
  })
}

async function kept(
  folder: string,
  name: string,
  make: () => Promise<Omit<FlightsTables, 'file'>>,
): Promise<FlightsTables> {
  const manifest = join(folder, name)
  if (!existsSync(manifest)) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${manifest}.part`, JSON.stringify(await make()))
    renameSync(`${manifest}.part`, manifest)
  }
  return { ...(JSON.parse(readFileSync(manifest, 'utf8')) as Omit<FlightsTables, 'file'>), file: manifest }
}

function januaryAndFebruary(
  folder: string,
  flights: Flights,
  columns: ReadonlyMap<string, Float32Array>,
): Omit<FlightsTables, 'file'> {
  const january = flights.departure.findIndex((minute) => minute >= 31 * DAY)
  const part = (path: string, from: number, to: number): TableFiles => {
    const features = [...columns.values()].map((column) => [column.subarray(from, to)])
    return writeFiles(join(folder, path), [...columns.keys()], features, [labelsOf(flights.delay.subarray(from, to))])
  }
  return {
    train: part('january', 0, january),
    test: part('february', january, flights.rows),
  }
}

/** Flights from a day to another one, which is not among them; minutes count from the first. */
async function readFlights(from: string, to: string): Promise<Flights> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const result = await connection.stream(`
    select (epoch_us(date) - epoch_us(timestamp '${from}')) / 60e6 as departure, delay::double as delay,
           distance::double as distance, dense_rank() over (order by origin)::double as origin,
           dense_rank() over (order by destination)::double as destination
    from '${source}' where date >= '${from}' and date < '${to}' order by date, origin, destination, distance, delay`)
  const parts: number[][] = [[], [], [], [], []]
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk())
    parts.forEach((part, column) => {
      for (const value of chunk?.getColumnValues(column) ?? []) part.push(value as number)
    })
  connection.closeSync()
  instance.closeSync()
  const [departure, delay, distance, origin, destination] = parts.map((part) => Float64Array.from(part)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  // Flying time: eight miles a minute and half an hour on the ground.
  const landing = departure.map((minute, i) => Math.ceil(minute + at(delay, i) + at(distance, i) / 8 + 30))
  const route = origin.map((from, i) => from * 256 + at(destination, i))
  return { rows: departure.length, departure, landing, delay, distance, keys: { origin, destination, route } }
}

function featureColumns(flights: Flights): Map<string, Float32Array> {
  const columns = new Map<string, Float32Array>()
  for (const { name, windows } of groups) {
    const key = flights.keys[name]
    const queries = orderBy(key, flights.departure)
    const events = orderBy(key, flights.landing)
    for (const window of windows) addWindow(columns, flights, key, queries, events, window, `${name}_${window / HOUR}h`)
  }
  const minute = flights.departure
  columns.set(
    'hour',
    Float32Array.from(minute, (m) => Math.floor(m / HOUR) % 24),
  )
  columns.set(
    'minute',
    Float32Array.from(minute, (m) => m % HOUR),
  )
  columns.set(
    'weekday',
    Float32Array.from(minute, (m) => Math.floor(m / DAY) % 7),
  )
  columns.set('distance', Float32Array.from(flights.distance))
  return columns
}

/** Mean delay, late share and count of the flights that landed in the `window` minutes before each departure. */
function addWindow(
  columns: Map<string, Float32Array>,
  flights: Flights,
  key: Float64Array,
  queries: Uint32Array,
  events: Uint32Array,
  window: number,
  name: string,
): void {
  const mean = new Float32Array(flights.rows).fill(Number.NaN)
  const late = new Float32Array(flights.rows).fill(Number.NaN)
  const count = new Float32Array(flights.rows)
  let head = 0
  let tail = 0
  let sum = 0
  let lateCount = 0
  const before = (event: number, query: number, time: number): boolean =>
    at(key, event) < at(key, query) || (at(key, event) === at(key, query) && at(flights.landing, event) < time)
  for (const query of queries) {
    const time = at(flights.departure, query)
    while (head < events.length && before(at(events, head), query, time)) {
      const delay = at(flights.delay, at(events, head++))
      sum += delay
      lateCount += delay > 15 ? 1 : 0
    }
    while (tail < head && before(at(events, tail), query, time - window)) {
      const delay = at(flights.delay, at(events, tail++))
      sum -= delay
      lateCount -= delay > 15 ? 1 : 0
    }
    count[query] = head - tail
    if (head === tail) continue
    mean[query] = sum / (head - tail)
    late[query] = lateCount / (head - tail)
  }
  columns.set(`${name}_mean_delay`, mean)
  columns.set(`${name}_late_share`, late)
  columns.set(`${name}_count`, count)
}

/** Rows by key, then minute, then row. Key (16 bits), minute (17) and row (20) share a double's 53 bits. */
function orderBy(key: Float64Array, minute: Float64Array): Uint32Array {
  const EARLIEST = 2 ** 14
  const packed = key.map((k, row) => (k * 2 ** 17 + at(minute, row) + EARLIEST) * 2 ** 20 + row).sort()
  return Uint32Array.from(packed, (value) => value % 2 ** 20)
}

function labelsOf(delays: Float64Array): Float32Array {
  return Float32Array.from(delays, (delay) => (delay > 15 ? 1 : 0))
}

/** Writes columns, each in pieces one after the other. */
function writeFiles(
  path: string,
  columns: readonly string[],
  features: readonly (readonly Float32Array[])[],
  labels: readonly Float32Array[],
): TableFiles {
  const files = { features: `${path}.features.f32`, labels: `${path}.labels.f32` }
  const write = (file: string, pieces: readonly Float32Array[]): void => {
    writeFileSync(file, '')
    for (const piece of pieces) appendFileSync(file, bytesOf(piece))
  }
  write(files.features, features.flat())
  write(files.labels, labels)
  return { rows: labels.reduce((rows, { length }) => rows + length, 0), columns, ...files }
}

function bytesOf(array: Float32Array): Buffer {
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength)
}

function at(array: Float64Array | Uint32Array, index: number): number {
  return array[index] as number
}
