// One side of the stream benchmark: stream-child.ts scored|plain EVENTS FOLDER COPY. FOLDER holds the flights, COPY the
// trained platform. Prints its seconds, CPU time and peak memory.
import { join } from 'node:path'
import process from 'node:process'
import { virtualClock } from '../src/core/clock.ts'
import { openPlatform } from '../src/platform/app/open-platform.ts'
import { openDuckdb, sqlText } from '../src/stores/lake/duckdb.ts'
import { ownUsage } from './child.ts'
import { benchProject, MODEL, NOON } from './predict-project.ts'

const BATCH = 1000
/** Before what is timed, as many as it takes until code is compiled and heaps have their sizes; they are timed for themselves. */
const WARM_UP = 50_000
/** After it: events that wait in the log, as after a pause. */
const READ_BACK = 50_000
/** Producers that each wait for the acknowledgement of a batch before they send the next. */
const PRODUCERS = 4

/** A call's body as it comes over HTTP, and the moment it comes (microseconds). */
interface Body {
  readonly text: string
  readonly at: number
}

/** Departures from noon on in the order of their times, in bodies of `BATCH` rows. */
async function readBodies(rows: number, folder: string): Promise<Body[]> {
  const departures = join(folder, 'departures.parquet')
  const duckdb = await openDuckdb({ temporaryFolder: folder })
  const reader = await duckdb.withConnection((connection) =>
    connection.runAndReadAll(
      `SELECT to_json({flight: flight, origin: origin, destination: destination, distance_mi: distance_mi,
         scheduled_at: strftime(scheduled_at, '%Y-%m-%dT%H:%M:%SZ')})::VARCHAR, epoch_us(scheduled_at)::DOUBLE
       FROM read_parquet(${sqlText(departures)}) WHERE epoch_us(scheduled_at) >= ${NOON}
       ORDER BY scheduled_at, flight LIMIT ${rows}`,
    ),
  )
  duckdb.close()
  const lines = reader.getRows() as [string, number][]
  return Array.from({ length: Math.ceil(lines.length / BATCH) }, (_, index) => {
    const batch = lines.slice(index * BATCH, (index + 1) * BATCH)
    return { text: `[${batch.map(([line]) => line).join(',')}]`, at: batch.at(-1)![1] }
  })
}

const [side, rows = '', folder = '', copy = ''] = process.argv.slice(2)
const events = Number(rows)
const bodies = await readBodies(WARM_UP + events + READ_BACK, folder)
const clock = virtualClock(NOON)
const platform = await openPlatform({ config: await benchProject(), directory: join(copy, 'data'), clock })
const { log, streaming } = platform.parts
if (side === 'scored') streaming.start()

async function ingestAll(given: readonly Body[]): Promise<void> {
  let next = 0
  const produce = async (): Promise<void> => {
    while (next < given.length) {
      const { text, at } = given[next++]!
      clock.advanceTo(at)
      await platform.ingest('departures', JSON.parse(text) as unknown[])
    }
  }
  await Promise.all(Array.from({ length: PRODUCERS }, produce))
}

/** Seconds until all that was sent is on disk, scored or not. */
async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now()
  await work()
  await streaming.advance()
  await log.drained()
  return (performance.now() - started) / 1000
}

const [atFirst, live, waiting] = [
  bodies.slice(0, WARM_UP / BATCH),
  bodies.slice(WARM_UP / BATCH, (WARM_UP + events) / BATCH),
  bodies.slice((WARM_UP + events) / BATCH),
]
const first = WARM_UP / (await timed(() => ingestAll(atFirst)))
const before = ownUsage()
const seconds = await timed(() => ingestAll(live))
const { cpu } = ownUsage()
let readBack: number | undefined
if (side === 'scored') {
  await platform.pauseStream(MODEL, { name: 'bench' }, 'To be read back.')
  await ingestAll(waiting)
  const resumed = timed(async () => void (await platform.resumeStream(MODEL, { name: 'bench' }, 'Go on.')))
  readBack = READ_BACK / (await resumed)
  const [listing] = await platform.streamScoring()
  if (listing?.scored !== WARM_UP + events + READ_BACK || listing.behind !== 0) throw new Error(JSON.stringify(listing))
}
await platform.close()
const { peak_rss_mb } = ownUsage()
console.log(JSON.stringify({ seconds, first, cpu_us: (cpu - before.cpu) / events, read_back: readBack, peak_rss_mb }))
